export { startTestPlugin, type TestPlugin, type TestResource } from './test-plugin.ts';
export type { TestAnswer, TestFrom, TestQuery } from './wire-form.ts';
