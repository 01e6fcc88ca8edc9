import type { Deployment } from '../deployment.ts';
import { joinAcrossModels } from './across-models.ts';
import { composeModel } from './compose.ts';
import type { ModelInput } from './model-input.ts';

/** @returns what the models are, each named as Juju names it; namesakes by their controller or a number */
export function deploymentOf(inputs: readonly ModelInput[]): Deployment {
  const names = namesOf(inputs);
  const composed = inputs.map((input, i) => composeModel(names[i] ?? '', input));
  const named = inputs.map(({ status }, i) => ({ name: names[i] ?? '', status }));
  return {
    models: composed.map(({ model }) => model),
    relations: joinAcrossModels(
      named,
      composed.flatMap(({ relations }) => relations),
    ),
  };
}

function namesOf(inputs: readonly ModelInput[]): string[] {
  const plain = inputs.map(({ status }) => status.model.name);
  const full = inputs.map(({ status: { model } }, i) =>
    plain.indexOf(model.name) === plain.lastIndexOf(model.name)
      ? model.name
      : `${model.controller ?? ''}:${plain[i]}`,
  );
  return full.map((name, i) => (full.indexOf(name) === i ? name : `${name}#${i + 1}`));
}
