/** A Markdown table; numbers are set right. */
export function table(head, rows) {
  const cells = rows.map((row) => row.map(String));
  const isNumeric = head.map((_, column) =>
    cells.every((row) => /^(?:[–\d.,×~ -]|KiB|µs)*$/.test(row[column] ?? '')),
  );
  const rule = isNumeric.map((numeric) => (numeric ? '---:' : '---'));
  return [head, rule, ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export function format(value, digits = 0) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
