/** Templates of paths, as in `/notes/{note_id}` or `/notes/:note_id`. */

/** What paths of a template look like. */
export function patternOf(template: string): RegExp {
  const literal = template.replace(/\{(\w+)\}/g, ":$1").replace(/[.+^$()|[\]\\{}]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replace(/:\w+/g, "[^/]+")}$`);
}
