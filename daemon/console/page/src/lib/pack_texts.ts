// SPDX-License-Identifier: Apache-2.0
// The variants of the templates in a pack of texts (replies/en.yaml), so that one can be changed and all else in the file stays as it is, comments too. Reads only the
// plain way packs are written, a quoted or bare line for each variant; whoever writes otherwise edits the file itself.
export interface VariantPlace {
  value: string;
  /** Of the scalar, quotes included: offsets into the file's text. */
  start: number;
  end: number;
  /** What stands before it in its line: "      - ". */
  lead: string;
}

/** The scalar that begins at `start` and ends its line; null: not one that is read here. */
export function scalarAt(text: string, start: number): { value: string; end: number } | null {
  const lineEnd = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
  const rest = text.slice(start, lineEnd);
  const quoted = /^'((?:[^']|'')*)'\s*(#.*)?$/.exec(rest);
  if (quoted) return { value: quoted[1]!.replaceAll("''", "'"), end: start + quoted[1]!.length + 2 };
  const doubled = /^"((?:[^"\\]|\\.)*)"\s*(#.*)?$/.exec(rest);
  if (doubled) {
    try {
      return { value: JSON.parse(`"${doubled[1]!}"`) as string, end: start + doubled[1]!.length + 2 };
    } catch {
      return null; // an escape that JSON has not
    }
  }
  const bare = rest.replace(/\s+#.*$/, '').trimEnd();
  if (!bare || /^[[{|>&*!%@`"'#?-]/.test(bare) || /:(\s|$)/.test(bare)) return null;
  return { value: bare, end: start + bare.length };
}

/** As YAML: single quotes where they do, double ones for what has line ends. */
export const quoted = (value: string): string => (/[\n\r\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`);

/** Null for a template whose variants are written some other way. */
export function readPack(text: string): Map<string, VariantPlace[] | null> {
  const found = new Map<string, VariantPlace[] | null>();
  let at = 0;
  let inTemplates = false;
  let id = '';
  let inVariants = false;
  for (const line of text.split('\n')) {
    const start = at;
    at += line.length + 1;
    if (/^\s*(#|$)/.test(line)) continue;
    if (/^\S/.test(line)) {
      inTemplates = /^templates:\s*(#.*)?$/.test(line);
      continue;
    }
    if (!inTemplates) continue;
    const name = /^ {2}([\w.-]+):\s*(#.*)?$/.exec(line);
    if (name) {
      id = name[1]!;
      inVariants = false;
      found.set(id, null);
      continue;
    }
    const key = /^ {4}([\w.-]+):(.*)$/.exec(line);
    if (key) {
      inVariants = key[1] === 'variants' && /^\s*(#.*)?$/.test(key[2]!);
      if (inVariants) found.set(id, []);
      continue;
    }
    const item = /^( +- +)\S/.exec(line);
    const places = found.get(id);
    if (!inVariants || !places) continue;
    const scalar = item && scalarAt(text, start + item[1]!.length);
    if (item && scalar) places.push({ value: scalar.value, start: start + item[1]!.length, end: scalar.end, lead: item[1]! });
    else found.set(id, null);
  }
  for (const [name, places] of found) if (places?.length === 0) found.set(name, null);
  return found;
}

export const withVariant = (text: string, place: VariantPlace, value: string): string => text.slice(0, place.start) + quoted(value) + text.slice(place.end);

/** One more, behind `last`. */
export function withMore(text: string, last: VariantPlace, value: string): string {
  const lineEnd = text.indexOf('\n', last.end) < 0 ? text.length : text.indexOf('\n', last.end);
  return `${text.slice(0, lineEnd)}\n${last.lead}${quoted(value)}${text.slice(lineEnd)}`;
}

/** Without that one, and without its line. */
export function withoutVariant(text: string, place: VariantPlace): string {
  const from = place.start - place.lead.length;
  const lineEnd = text.indexOf('\n', place.end);
  return lineEnd < 0 ? text.slice(0, Math.max(0, from - 1)) : text.slice(0, from) + text.slice(lineEnd + 1);
}

/** A template that the pack lacks, at its end. */
export const withTemplate = (text: string, id: string, value: string): string => `${text.replace(/\n*$/, '\n')}  ${id}:\n    variants:\n      - ${quoted(value)}\n`;
