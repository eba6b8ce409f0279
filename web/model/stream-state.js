import { durationText } from "./quantity.js";
import { endingWords, statusLook, waitingText } from "./status.js";

const quietAfterMilliseconds = 10_000;
export const unreachableAfterTries = 6;

/** How the reading goes, `{ phase, text, quiet }`: it goes on as long as one reader does. */
export function streamState(readers, { now, ending = {}, job }) {
  const reader = readers.find(({ connection }) => connection.phase !== "ended") ?? readers[0];
  const { phase, tries = 0, refusal = phase } = reader?.connection ?? {};
  if (phase === "live") {
    const span = now - Math.max(...readers.map(({ lastLineAt }) => lastLineAt));
    const quiet = span < quietAfterMilliseconds ? "" : `quiet since ${durationText(span)}`;
    return { phase, text: phase, quiet };
  }
  if (phase === "ended") {
    const outcome = ending.status === "end" && statusLook(ending).label.toLowerCase();
    const words = [outcome, endingWords(ending)].filter(Boolean).join(", ");
    return { phase, text: words === "" ? phase : `ended: ${words}` };
  }
  if (phase === "refused") return { phase, text: refusal };
  if (tries >= unreachableAfterTries) return { phase: "unreachable", text: "daemon unreachable" };
  if (tries > 0) return { phase: "reconnecting", text: "reconnecting" };
  return ["pending", "scheduling", "end"].includes(job?.status)
    ? { phase: "waiting", text: waitingText(job) } : { phase: "connecting", text: "connecting" };
}
