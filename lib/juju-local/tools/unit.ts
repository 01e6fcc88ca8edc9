import type { LogLevel, SettableStatus, Status } from '#lib/juju';
import { noMore, ToolFailure, usage } from './args.ts';
import { parseKeyValues, parseYamlStrings } from './key-values.ts';
import { smart, type Tool, yamlFirst } from './tool.ts';

const settable = ['maintenance', 'blocked', 'waiting', 'active'];

const configGet: Tool = {
  flags: { all: { kind: 'bool', short: 'a' } },
  formats: smart,
  async run({ tools, context, args }) {
    const [key] = args.positional;
    noMore(args.positional, 1);
    const all = args.bool('all');
    if (all && key !== undefined) throw usage('cannot use argument --all together with key name');
    const config = await tools.configGet();
    if (key !== undefined) return { value: Object.hasOwn(config, key) ? config[key] : null };
    if (!all) return { value: config };
    const unset = context.configOptions.map((name): [string, null] => [name, null]);
    return { value: Object.fromEntries([...unset, ...Object.entries(config)]) };
  },
};

const isLeader: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional);
    return { value: await tools.isLeader() };
  },
};

const statusSet: Tool = {
  flags: { application: { kind: 'bool' } },
  formats: [],
  async run({ tools, args }) {
    const [status, message = ''] = args.positional;
    if (status === undefined) throw usage('invalid args, require <status> [message]');
    noMore(args.positional, 2);
    if (!isSettable(status)) {
      throw usage(`invalid status ${JSON.stringify(status)}, expected one of [${settable.join(' ')}]`);
    }
    if (args.bool('application')) await tools.applicationStatusSet(status, message);
    else await tools.statusSet(status, message);
    return undefined;
  },
};

function isSettable(status: string): status is SettableStatus {
  return settable.includes(status);
}

const statusGet: Tool = {
  flags: { application: { kind: 'bool' }, 'include-data': { kind: 'bool' } },
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional);
    const include = args.bool('include-data');
    const shown = ({ status, message }: Status) => ({ message, status, 'status-data': {} });
    if (!args.bool('application')) {
      const status = await tools.statusGet();
      return { value: include ? shown(status) : { status: status.status } };
    }
    const status = await tools.applicationStatusGet();
    const units = Object.entries(status.units).map(([name, unit]) => [name, shown(unit)]);
    return { value: { 'application-status': { ...shown(status), units: Object.fromEntries(units) } } };
  },
};

const applicationVersionSet: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    const [version] = positional;
    if (version === undefined) throw usage('no version specified');
    noMore(positional, 1);
    await tools.applicationVersionSet(version);
    return undefined;
  },
};

const levels = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;

const jujuLog: Tool = {
  flags: { 'log-level': { kind: 'string', short: 'l' }, debug: { kind: 'bool' } },
  formats: [],
  async run({ tools, args }) {
    if (args.positional.length === 0) throw usage('no message specified');
    const wanted = args.string('log-level')?.toUpperCase();
    const known = levels.find((level) => level === wanted);
    let level: LogLevel = known ?? 'INFO';
    if (args.bool('debug')) level = 'DEBUG';
    if (wanted !== undefined && !known) {
      await tools.jujuLog('WARNING', `Specified log level of "${wanted}" is not valid`);
    }
    await tools.jujuLog(level, args.positional.join(' '));
    return undefined;
  },
};

const leaderGet: Tool = {
  flags: {},
  formats: smart,
  async run({ context, args: { positional } }) {
    noMore(positional, 1);
    const [key = '-'] = positional;
    const settings = context.leaderSettings.get();
    if (key === '-' || key === '') return { value: settings };
    return { value: Object.hasOwn(settings, key) ? settings[key] : null };
  },
};

const leaderSet: Tool = {
  flags: {},
  formats: [],
  async run({ tools, context, args: { positional } }) {
    const changes = parseKeyValues(positional);
    if (!(await tools.isLeader())) {
      throw new ToolFailure('cannot write leadership settings: cannot write settings: not the leader', 1);
    }
    context.leaderSettings.set(changes);
    return undefined;
  },
};

const goalState: Tool = {
  flags: {},
  formats: yamlFirst,
  async run({ tools, args }) {
    noMore(args.positional);
    return { value: await tools.goalState() };
  },
};

const credentialGet: Tool = {
  flags: {},
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional);
    const { credential, ...spec } = await tools.credentialGet();
    const detail = credential && { 'auth-type': credential.authType, attrs: credential.attrs };
    return { value: detail ? { ...spec, credential: detail } : spec };
  },
};

const jujuReboot: Tool = {
  flags: { now: { kind: 'bool' } },
  formats: [],
  async run({ tools, args }) {
    noMore(args.positional);
    await tools.jujuReboot({ now: args.bool('now') });
    return undefined;
  },
};

const stateGet: Tool = {
  flags: { strict: { kind: 'bool' } },
  formats: smart,
  async run({ tools, args }) {
    noMore(args.positional, 1);
    const [key = '-'] = args.positional;
    const stored = await tools.stateGet();
    if (key === '-' || key === '') return { value: Object.keys(stored).length === 0 ? null : stored };
    if (Object.hasOwn(stored, key)) return { value: stored[key] };
    if (args.bool('strict')) throw new ToolFailure(`${JSON.stringify(key)} not found`, 1);
    return { value: '' };
  },
};

const stateSet: Tool = {
  flags: { file: { kind: 'string' } },
  formats: [],
  async run({ tools, args, file }) {
    const given = parseKeyValues(args.positional);
    const path = args.string('file');
    const values = path ? parseYamlStrings(await file(path)) : new Map<string, string>();
    for (const [key, value] of given) values.set(key, value);
    await tools.stateSet(Object.fromEntries(values));
    return undefined;
  },
};

const stateDelete: Tool = {
  flags: {},
  formats: [],
  async run({ tools, args: { positional } }) {
    const [key] = positional;
    if (!key) throw usage('no key specified');
    noMore(positional, 1);
    await tools.stateDelete(key);
    return undefined;
  },
};

export const unitTools = {
  'config-get': configGet,
  'is-leader': isLeader,
  'status-set': statusSet,
  'status-get': statusGet,
  'application-version-set': applicationVersionSet,
  'juju-log': jujuLog,
  'leader-get': leaderGet,
  'leader-set': leaderSet,
  'goal-state': goalState,
  'credential-get': credentialGet,
  'juju-reboot': jujuReboot,
  'state-get': stateGet,
  'state-set': stateSet,
  'state-delete': stateDelete,
} as const;
