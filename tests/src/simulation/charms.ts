import { projectFolder } from '#src/local';
import { type HookInput, loadCharm, type SimulatedCharm } from '#src/simulation';

/** The charm, with something done before or after each of its hooks. */
export async function charmThat({
  before = async () => {},
  after = async () => {},
}: {
  before?: (input: HookInput) => Promise<void>;
  after?: (input: HookInput) => Promise<void>;
}): Promise<SimulatedCharm> {
  const { charm, run } = await loadCharm(projectFolder);
  return {
    charm,
    run: async (input) => {
      await before(input);
      await run(input);
      await after(input);
    },
  };
}
