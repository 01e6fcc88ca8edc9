import { GoTestRun } from '../go-test-run.ts';

/** Reads what `go test -json` prints, and shows a line for each test; its subtests are part of it. */
const run = new GoTestRun();
const wholeOf = (test: string) => test.split('/', 1)[0] ?? '';

await run.read(wholeOf, ({ Action, Package, Test, Elapsed = 0 }) => {
  if (Test === undefined) {
    if (Action !== 'fail') return;
    run.packageFailed = true;
    console.log(`  ${Package} failed`);
    return;
  }
  if (Test !== wholeOf(Test)) return;
  if (Action === 'run') run.began(Test);
  if (Action !== 'pass' && Action !== 'skip' && Action !== 'fail') return;
  run.ended(Test);
  if (Action === 'pass') run.pass(Test, Elapsed);
  else if (Action === 'skip') run.skip(Test, ` (${Elapsed} s)`);
  else run.fail(Test, `${Elapsed} s`);
});
