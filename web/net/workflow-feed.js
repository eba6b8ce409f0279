import { soon } from "../model/soon.js";

/** Asks now and after events: `document` is the last good answer, `error` what failed since. */
export function workflowFeed({ daemon, feed, signal }, path, onChange) {
  const known = {};
  const url = daemon.url(["v1", "workflows", ...path]);
  const prefix = path.map((name) => `${name}/`).join("");

  async function ask() {
    try {
      known.document = await daemon.json(url, { signal });
      known.error = undefined;
    } catch (error) {
      known.error = error;
    }
    if (!signal.aborted) onChange();
  }

  const askAgain = soon(ask);
  feed.addEventListener("news", ({ detail: subject }) => {
    // Without a subject, events may have passed.
    if (subject === null || `${subject}/`.startsWith(prefix)) askAgain();
  }, { signal });
  ask();
  return known;
}
