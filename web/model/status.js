const ring = "M2 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0";

// Each has a path of its own, in a box of 16 × 16: nobody has to see colour.
const looks = {
  __proto__: null,
  pending: ["Pending", "M8 2h0m4 2h0m2 4h0m-2 4h0m-4 2h0m-4-2h0m-2-4h0m2-4h0", "muted"],
  scheduling: ["Scheduling", `${ring}m6 0h0`, "muted"],
  running: ["Running", "M4 2l9 6l-9 6z", "active"],
  paused: ["Paused", "M5 3v10m6 0v-10", "warning"],
  success: ["Success", "M2 9l4 4l8-9", "good"],
  failure: ["Failure", "M3 3l10 10m0-10l-10 10", "bad"],
  timeout: ["Timeout", `${ring}m6-3v3l2 2`, "bad"],
  canceled: ["Canceled", `${ring}m2 4l8-8`, "muted"],
};

export const statuses = Object.keys(looks);

export function statusLook({ status = "unknown", outcome = "end" }) {
  const key = status === "end" ? outcome : status;
  const [label, shape, tone] = looks[key] ?? [key, ring, "muted"];
  return { key, label, shape, tone };
}

export function endingWords({ exitCode, reason }) {
  return [exitCode === undefined ? "" : `exit ${exitCode}`, reason === "Completed" ? "" : reason]
    .filter(Boolean).join(", ");
}

/** What a job without a log waits for, or how it ended. */
export function waitingText({ status, outcome, reason, message }) {
  const next = status === "pending" ? "its turn" : "its container";
  const what = status === "end" ? `ended without a log, ${outcome}`
    : `waiting for ${/image/i.test(reason) ? "image" : next}`;
  return [what, reason, message].filter(Boolean).join(": ");
}
