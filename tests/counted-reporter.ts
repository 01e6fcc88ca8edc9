import Mocha from 'mocha';

/** Mocha's list of tests, and below it the one line that everything here ends with. */
class Counted extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures } = this.stats;
      console.log(`${passes} passed, ${failures} failed`);
    });
  }
}

// Mocha loads reporters with require().
export { Counted as 'module.exports' };
