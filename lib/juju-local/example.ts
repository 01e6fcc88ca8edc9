import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv } from 'node:process';
import { LocalModel } from 'crosslink/juju-local';

/** Two small shell charms: a database that says where it is, and a website that repeats what it heard. */
const charms = {
  db: {
    metadata: 'name: db\nprovides:\n  db: {interface: sql}\n',
    dispatch: `#!/bin/sh
      case $JUJU_HOOK_NAME in
        db-relation-created) relation-set --app url="sql://$(unit-get private-address)" ;;
      esac`,
  },
  web: {
    metadata: 'name: web\nrequires:\n  db: {interface: sql}\n',
    dispatch: `#!/bin/sh
      case $JUJU_HOOK_NAME in
        db-relation-changed) status-set active "using $(relation-get url "$JUJU_REMOTE_APP" --app)" ;;
      esac`,
  },
};

/** @returns the status of the website's unit, and what the database's application says to it */
export async function example(): Promise<{ message: string | undefined; databag: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'juju-local-example-'));
  const model = await LocalModel.open({ name: 'example' });
  try {
    for (const [app, { metadata, dispatch }] of Object.entries(charms)) {
      const charm = await mkdtemp(join(folder, app));
      await writeFile(join(charm, 'metadata.yaml'), metadata);
      await writeFile(join(charm, 'dispatch'), dispatch);
      await chmod(join(charm, 'dispatch'), 0o755);
      await model.deploy({ app, charm });
    }
    model.relate('db', 'web');
    await model.settle();
    const { applications, relations } = model.snapshot();
    const databag = relations[0]?.ends.find(({ app }) => app === 'db')?.appData;
    return { message: applications.web?.units['web/0']?.status.message, databag };
  } finally {
    await model.close();
    await rm(folder, { recursive: true });
  }
}

if (argv[1] === import.meta.filename) console.log(await example());
