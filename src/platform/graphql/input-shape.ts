// How raw arguments become instances of their input class: trimmed, lower-cased, with null read as the field says.
import type { Type } from '@nestjs/common';

/**
 * What leaving a field out, or giving null, means.
 * - required: must be given.
 * - optional: null counts as left out.
 * - patch: left out stays as it is; null is refused.
 * - clearable: left out stays as it is; null clears it.
 */
export type Presence = 'required' | 'optional' | 'patch' | 'clearable';

export interface Shape {
  readonly presence: Presence;
  readonly trim?: boolean;
  readonly lower?: boolean;
  /** The input class of a nested object. */
  readonly nested?: () => Type<object>;
}

const shapes = new Map<object, Map<string, Shape>>();

/** Remembers the shape of one field of an input class. */
export function rememberShape(owner: object, property: string, shape: Shape): void {
  const own = shapes.get(owner) ?? new Map<string, Shape>();
  shapes.set(owner, own.set(property, shape));
}

/** Whether this is a class whose fields were declared with the decorators of input-fields. */
export function isInputClass(type: object): boolean {
  return lineage(type).some((owner) => shapes.has(owner));
}

/** An instance of `type` with the given values, shaped field by field. */
export function shaped<T extends object>(type: Type<T>, raw: object): T {
  const input = new type();
  const owners = lineage(type);
  for (const [key, value] of Object.entries(raw) as [string, unknown][]) {
    const shape = owners.map((owner) => shapes.get(owner)?.get(key)).find((found) => found !== undefined);
    if (shape === undefined || value === undefined || (value === null && shape.presence === 'optional'))
      continue;
    Object.assign(input, { [key]: shapedValue(shape, value) });
  }
  return input;
}

function shapedValue(shape: Shape, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => shapedValue(shape, item));
  if (shape.nested !== undefined && typeof value === 'object' && value !== null)
    return shaped(shape.nested(), value);
  if (typeof value !== 'string') return value;
  const text = shape.trim ? value.trim() : value;
  return shape.lower ? text.toLowerCase() : text;
}

/** The class and those that it extends. */
function lineage(type: object): object[] {
  const owners: object[] = [];
  for (let owner: unknown = type; typeof owner === 'function'; owner = Object.getPrototypeOf(owner))
    owners.push(owner);
  return owners;
}
