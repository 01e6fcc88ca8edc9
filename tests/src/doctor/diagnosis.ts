import { deploymentOf, diagnose, type ModelInput, type Report } from '#src/doctor';
import { readModel, readStatus } from '../../../src/doctor/juju/model-input.ts';
import { type ComposedModel, jujuShowUnit, jujuStatus } from './juju-format.ts';

/** A model as Juju prints it, and as the doctor reads that. */
export function inputOf(model: ComposedModel, units?: readonly string[]): ModelInput {
  // Through text, as it really comes: what JSON does not hold is not there.
  const value: unknown = JSON.parse(JSON.stringify(jujuShowUnit(model, units)));
  return readModel(readStatus({ from: 'status', value: jujuStatus(model) }), [{ from: 'show-unit', value }]);
}

export function diagnosed(models: readonly ComposedModel[]): Report {
  return diagnose(deploymentOf(models.map((model) => inputOf(model))));
}
