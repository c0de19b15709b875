import type { DtoClass, DtoValidationError } from './dto-libraries.js';
import type { DtoModels } from './dto-model.js';
import type { ValidationIssue } from './schema.js';
import { joinPath } from './validation.js';

/** Flattens the tree class-validator reports into issues at dotted paths, named as on the wire. */
export function* toIssues(
  errors: readonly DtoValidationError[],
  models: DtoModels,
  parent = '',
): Generator<ValidationIssue> {
  for (const { target, property = '', constraints = {}, children = [] } of errors) {
    const model = target && models.get(target.constructor as DtoClass);
    const path = joinPath(parent, model?.properties.get(property)?.wireName ?? property);
    for (const [constraint, message] of Object.entries(constraints)) {
      // Reported of every class without decorators. One of ours is meant to accept any object.
      if (constraint === 'unknownValue' && model) continue;
      yield { path, message };
    }
    yield* toIssues(children, models, path);
  }
}
