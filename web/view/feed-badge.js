import { unreachableAfterTries } from "../model/stream-state.js";
import { setText } from "./element.js";

const words = {
    loading: "connecting",
    live: "live",
    reconnecting: "reconnecting",
    unreachable: "daemon unreachable",
};

/** Whether the page is in touch with the daemon, in the masthead. */
export class FeedBadge {
    #node;
    #feed;
    #announcer;

    constructor(node, feed, announcer) {
        this.#node = node;
        this.#feed = feed;
        this.#announcer = announcer;
    }

    start() {
        this.#feed.addEventListener("phase", () => this.#show());
    }

    #show() {
        const isGone = this.#feed.phase === "reconnecting"
            && this.#feed.tries >= unreachableAfterTries;
        const phase = isGone ? "unreachable" : this.#feed.phase;
        if (this.#node.dataset.phase === phase) return;
        this.#node.dataset.phase = phase;
        setText(this.#node, words[phase]);
        if (phase === "unreachable") this.#announcer.say("The daemon cannot be reached.");
    }
}
