// Answers as text: JSON that PostgreSQL wrote, with what stands around it.
import { fragmentOf } from './composer.js';
import type { Selected } from './selection.js';

/** A value that is JSON already, just as it was asked for. */
export class Json {
  constructor(
    /** By the index of the selection that it answers. */
    private readonly texts: Readonly<Record<number, string>>,
    private readonly selections: readonly (readonly Selected[])[],
    /** Holds sealed personal data that the viewer may read. */
    readonly holdsSealed: boolean,
  ) {}

  textFor(selected: readonly Selected[]): string | undefined {
    return this.texts[this.selections.indexOf(selected)];
  }
}

/** Something was found that takes a resolver. */
export class NotPlain extends Error {}

type Open = (json: string) => string;

/**
 * The JSON of an envelope: plain properties, and {@link Json} for whatever modules describe.
 * @throws NotPlain
 */
export function write(selected: readonly Selected[], value: unknown, open: Open): string {
  if (value === null) return 'null';
  if (value instanceof Json) {
    const text = value.textFor(selected);
    if (text === undefined) throw new NotPlain();
    return value.holdsSealed ? open(text) : text;
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(selected, item, open)).join(',')}]`;
  const [first] = selected;
  if (typeof value !== 'object' || (first !== undefined && fragmentOf(first.parent) !== undefined))
    throw new NotPlain();
  const fields = selected.map((field) => `"${field.key}":${property(field, value, open)}`);
  return `{${fields.join(',')}}`;
}

function property({ name, parent, field, type, within }: Selected, owner: object, open: Open): string {
  if (field === null) return `"${parent.name}"`;
  const value = (owner as Record<string, unknown>)[name];
  if (type !== null) return write(within, value, open);
  // Anything else is a field that is not simply a property.
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  if (!isPlain) throw new NotPlain();
  return JSON.stringify(value);
}
