export {
  startTestPlugin,
  type TestAnswer,
  type TestFrom,
  type TestPlugin,
  type TestQuery,
  type TestResource,
} from './test-plugin.ts';
