import { LineWindow } from "./line-window.js";

/** Rows that a page holds at most: enough to scroll through, few enough for any browser. */
export const rowLimit = 5_000;
/** Characters that those rows hold at most, so that long lines do not add up to gigabytes. */
export const characterLimit = 8 * 1024 * 1024;
/** Lines that are asked for at a time when one scrolls beyond the rows that are held. */
export const pageLength = 500;

/**
 * What a reader of one log looks at. There are two windows on the stream: `tail` is always its
 * newest lines as they come; `view` is what is shown. While following, the view is the tail.
 * When one stops following, the view stays where it is, fills up once, and moves only by request;
 * lines that come meanwhile are counted, and kept in the tail as far as it reaches.
 */
export class LogModel {
    #view;
    #tail;
    #following = true;
    #leftAt = 0;
    #began = false;

    constructor({ lineLimit = rowLimit, characters = characterLimit } = {}) {
        const limits = { lineLimit, characterLimit: characters };
        this.#view = new LineWindow(limits);
        this.#tail = new LineWindow(limits);
    }

    get view() {
        return this.#view;
    }

    get following() {
        return this.#following;
    }

    /** One more than the number of the newest line. */
    get end() {
        return this.#tail.end;
    }

    /** Lines that came since the reader stopped following. */
    get newLines() {
        return this.#following ? 0 : this.end - this.#leftAt;
    }

    /** The numbers `{ from, to }` of the page of lines above the view; null at the beginning. */
    get pageAbove() {
        const to = this.#view.start;
        return to > 0 ? { from: Math.max(0, to - pageLength), to } : null;
    }

    /** The numbers of the page of lines below the view that must be fetched; null if none must. */
    get pageBelow() {
        const from = this.#view.end;
        return from < this.#tail.start ? { from, to: Math.min(from + pageLength, this.end) } : null;
    }

    /**
     * Takes lines off the stream. Returns `{ from, to }` of the lines that are missing before
     * them, because the stream went on at a later number than the last one seen, or null.
     */
    receive(from, lines) {
        if (!this.#began) this.begin(from);
        const expected = this.end;
        const hole = this.#tail.append(from, lines);
        if (this.#following) {
            this.#view.append(from, lines);
        } else if (!hole && this.#view.end >= from) {
            const fitting = this.#view.end - from + this.#view.room;
            this.#view.append(from, lines.slice(0, fitting));
        }
        return hole ? { from: expected, to: from } : null;
    }

    /** The stream starts at a number. Later calls change nothing. */
    begin(from) {
        if (this.#began) return;
        this.#began = true;
        this.#tail.clear(from);
        this.#view.clear(from);
    }

    /** The reader wants to stay where the view is. */
    stopFollowing() {
        if (!this.#following) return;
        this.#following = false;
        this.#leftAt = this.end;
    }

    /** The reader wants the newest lines: the view becomes the tail. */
    follow() {
        if (this.#following) return;
        this.#following = true;
        if (this.#view.end < this.#tail.start) this.#view.clear(this.#tail.start);
        this.#view.append(this.#view.end, this.#tail.linesFrom(this.#view.end));
    }

    /** Lines that were fetched for the page above the view. */
    addAbove(from, lines) {
        if (!this.#following) this.#view.prepend(from, lines);
    }

    /** Lines that were fetched for the page below the view. */
    addBelow(from, lines) {
        if (!this.#following && from <= this.#view.end) this.#view.append(from, lines);
    }

    /** Moves the view down by a page as far as the tail holds it. Returns whether it moved. */
    moveDown() {
        const from = this.#view.end;
        if (from < this.#tail.start || from >= this.end) return false;
        this.#view.append(from, this.#tail.linesFrom(from).slice(0, pageLength));
        return true;
    }

    /** The reader jumps to lines fetched from somewhere else in the stream. */
    show(from, lines) {
        this.stopFollowing();
        this.#view.clear(from);
        this.#view.append(from, lines);
    }
}
