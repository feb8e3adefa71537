// Where input becomes trusted: shaped, then checked, and refused with every bad field named.
import { type ArgumentMetadata, Injectable, type PipeTransform, type Type } from '@nestjs/common';
import { validateSync, type ValidationError } from 'class-validator';
import { type FieldProblem, invalidInput } from '../errors/app-error.js';
import type { ItemContext } from './input-fields.js';
import { isInputClass, shaped } from './input-shape.js';

/**
 * Raw arguments as an instance of their class.
 * @throws AppError INVALID_INPUT naming every bad field
 */
export function readInput<T extends object>(type: Type<T>, raw: object): T {
  const input = shaped(type, raw);
  const errors = validateSync(input, { forbidUnknownValues: false, stopAtFirstError: true });
  if (errors.length > 0) throw invalidInput(...errors.flatMap((error) => problemsIn(error)));
  return input;
}

/** Applies {@link readInput} to every argument of an operation that is an input class. */
@Injectable()
export class InputPipe implements PipeTransform {
  transform(value: unknown, { metatype }: ArgumentMetadata): unknown {
    if (metatype === undefined || !isInputClass(metatype)) return value;
    return readInput(metatype as Type<object>, value ?? {});
  }
}

function problemsIn(error: ValidationError, prefix = ''): FieldProblem[] {
  const path = `${prefix}${error.property}`;
  const nested = (error.children ?? []).flatMap((child) => problemsIn(child, `${path}.`));
  const [refusal] = Object.entries(error.constraints ?? {});
  if (refusal === undefined) return nested;
  const [name, message] = refusal;
  const context = error.contexts?.[name] as ItemContext | undefined;
  if (context === undefined) return [{ path, message }, ...nested];
  return context
    .problemsOf(error.value)
    .map((item) => ({ path: `${path}${item.path}`, message: item.message }));
}
