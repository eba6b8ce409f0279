import { firstInstance } from "./log-choice.js";

// Names, how a hash begins, the rest of its path, its query. The container `*` is all of a Pod.
const pages = [
  ["jobs", "", [], ["text", "status", "namespace", "workflow"]],
  ["workflows", "workflows", [], ["text"]],
  ["workflow", "workflows", ["namespace", "workflow"], []],
  ["job", "jobs", ["namespace", "workflow", "job"], ["run"]],
  ["log", "logs", ["namespace", "pod", "container"],
    ["uid", "attempt", "workflow", "job", "run", "q", "regex", "case", "filter"]],
];

export function parseRoute(hash) {
  const [, address, first, last = first] =
    /^#?(.*?)(?:#L(\d{1,15})(?:-L(\d{1,15}))?)?$/.exec(hash);
  const [path, search] = address.split("?");
  try {
    const [start = "", ...values] = path.split("/").filter(Boolean).map(decodeURIComponent);
    const [name, , parts, keys] = pages.find(([, itsStart, itsParts]) =>
      itsStart === start && itsParts.length === values.length);
    const query = new URLSearchParams(search);
    const route = { name };
    for (const key of keys) route[key] = query.get(key) ?? undefined;
    for (const key of parts) route[key] = values.shift();
    if (name !== "log") return route;
    route.lines = first && { first: Math.min(first, last), last: Math.max(first, last) };
    route.attempt = /^\d{1,9}$/.test(route.attempt) ? Number(route.attempt) : undefined;
    return route;
  } catch {
    // There is no such page, or it cannot be decoded.
    return { name: "unknown", address };
  }
}

export function logAddress(route) {
  const { first, last = first } = route.lines ?? {};
  const to = first === last ? "" : `-L${last}`;
  return addressOf("log", route) + (route.lines ? `#L${first}${to}` : "");
}

/** Of the job itself while there is no log. */
export function jobLogAddress(job) {
  const instance = firstInstance(job);
  return instance ? addressOf("log", instance) : addressOf("job", { ...job, run: job.uid });
}

export function addressOf(page, values = {}) {
  const [, start, parts, keys] = pages.find(([name]) => name === page);
  const path = [start, ...parts.map((key) => encodeURIComponent(values[key]))].join("/");
  const given = keys.filter((key) => values[key] || values[key] === 0);
  const query = new URLSearchParams(given.map((key) => [key, values[key]]));
  return `#/${path}${given.length === 0 ? "" : "?"}${query}`;
}
