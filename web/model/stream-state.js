import { durationText } from "./quantity.js";
import { endingWords, statusLook } from "./status.js";

/** A live stream without a line for so long is called quiet. */
export const quietAfterMilliseconds = 10_000;
/** From so many failed tries in a row the daemon is called unreachable. */
export const unreachableAfterTries = 6;

/**
 * The state of a stream in words: `{ key, text }`. `key` changes only when something happens,
 * so it is what to announce; `text` may also count seconds.
 *
 * @param phase `connecting`, `live`, `waiting` (to connect again), `ended` or `refused`
 * @param tries failed tries in a row · @param lastLineAt, now milliseconds
 * @param ending what is known of how the container or its job ended · @param refusal in words
 */
export function streamState({ phase, tries = 0, lastLineAt, now, ending, refusal }) {
    if (phase === "live") {
        const quiet = now - lastLineAt;
        if (quiet < quietAfterMilliseconds) return { key: "live", text: "live" };
        return { key: "live", text: `live, quiet for ${durationText(quiet)}` };
    }
    if (phase === "ended") {
        const text = `ended${endingText(ending)}`;
        return { key: text, text };
    }
    if (phase === "refused") return { key: "refused", text: refusal ?? "refused" };
    if (tries === 0) return { key: "connecting", text: "connecting" };
    return tries < unreachableAfterTries
        ? { key: "reconnecting", text: "reconnecting" }
        : { key: "unreachable", text: "daemon unreachable" };
}

function endingText(ending) {
    if (ending === undefined) return "";
    const words = [endingWords(ending)].filter((word) => word !== "");
    if (ending.status === "end") words.unshift(statusLook(ending).label.toLowerCase());
    return words.length === 0 ? "" : `: ${words.join(", ")}`;
}
