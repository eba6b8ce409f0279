const linesAtOnce = 1000;

/** The text of lines, also of those that are not there yet. */
export async function logText(log, first, last) {
  let text = "";
  for (let index = Math.max(first, log.start); index <= last && index < log.end;) {
    if (!log.line(index)) log.need(index, Math.min(index + linesAtOnce, last + 1, log.end));
    const line = log.line(index);
    if (line) {
      text += `${line.text}\n`;
      index += 1;
    } else {
      await new Promise((resolve) => { log.addEventListener("change", resolve, { once: true }); });
      index = Math.max(index, log.start);
    }
  }
  return text;
}
