import assert from 'node:assert/strict';
import { cleanUp, openModel, shellCharm } from './helpers.ts';

suite('actions', () => {
  teardown(cleanUp);

  const dispatch = `[ "$JUJU_HOOK_NAME" = '' ] || exit 0
    case $JUJU_ACTION_NAME in
      good) action-set a.b="$(action-get level)" c=1; action-log going; echo out; echo err >&2;;
      bad) action-set a=1; action-fail 'no luck';;
      crash) action-set a=1; exit 4;;
    esac`;
  const actions = { good: { params: { level: { type: 'integer', default: 5 } } }, bad: {}, crash: {} };

  test('answer with results, output and log, and fail as Juju has it', async () => {
    const { model } = await openModel();
    await model.deploy({ app: 'x', charm: await shellCharm({ name: 'x', dispatch, actions }) });
    assert.deepEqual(await model.runAction('x/leader', 'good'), {
      status: 'completed',
      results: { a: { b: '5' }, c: '1', 'return-code': 0, stdout: 'out\n', stderr: 'err\n' },
      message: '',
      log: ['going'],
    });
    const bad = await model.runAction('x/0', 'bad');
    assert.deepEqual(
      [bad.status, bad.message, bad.results],
      ['failed', 'no luck', { a: '1', 'return-code': 0 }],
    );
    const crash = await model.runAction('x/0', 'crash');
    assert.deepEqual([crash.status, crash.message], ['failed', 'exit status 4']);
    assert.ok((await model.settle()).settled);
  });

  test('run in a unit that is in error', async () => {
    const { model } = await openModel({ retry: { limit: 1 } });
    await model.deploy({
      app: 'x',
      charm: await shellCharm({ name: 'x', dispatch: `[ $hook != start ]\n${dispatch}`, actions }),
    });
    assert.equal((await model.settle()).settled, false);
    assert.equal((await model.runAction('x/0', 'good')).status, 'completed');
    assert.equal(model.snapshot().applications.x?.units['x/0']?.status.status, 'error');
  });

  test('give output as it was written, in base64 when it is no text', async () => {
    const { model } = await openModel();
    const charm = await shellCharm({
      name: 'x',
      dispatch: `[ "$hook" = raw ] || exit 0; printf 'a\\r\\nb'; printf '\\377\\n' >&2`,
      actions: { raw: {} },
    });
    await model.deploy({ app: 'x', charm });
    assert.deepEqual((await model.runAction('x/0', 'raw')).results, {
      'return-code': 0,
      stdout: 'a\r\nb',
      stderr: '/wo=',
      'stderr-encoding': 'base64',
    });
  });
});
