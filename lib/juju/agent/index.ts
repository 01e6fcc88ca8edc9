/** The unit agent's socket protocol, both sides: `#lib/juju` calls, `#lib/juju-local` answers. */
export { AgentConnection, AgentConnectionError, socketPath } from './connection.ts';
export { GobError, type GobValue } from './gob.ts';
export { GobDecoder } from './gob-decoder.ts';
export {
  commandWanted,
  type JujucReply,
  type JujucRequest,
  jujucMethod,
  ReplyEncoder,
  RequestEncoder,
  readReply,
  readRequest,
  stdinWanted,
} from './jujuc.ts';
