/**
 * Cuts text into numbered lines, however it was split on its way. Lines are counted by their
 * newlines from a first number, so `next` is always the number to resume from: every line below
 * it has been handed out, none at or above it has.
 */
export class LineAssembler {
    #next;
    #rest = "";

    constructor(from) {
        this.#next = from;
    }

    /** The number of the first line that has not been handed out. */
    get next() {
        return this.#next;
    }

    /** Takes text; gives the lines that it completes, without newlines: `{ from, lines }`. */
    push(text) {
        const from = this.#next;
        const lines = text.split("\n");
        lines[0] = this.#rest + lines[0];
        this.#rest = lines.pop();
        this.#next += lines.length;
        return { from, lines };
    }

    /** The text has ended: what is left without a newline is a line too. */
    finish() {
        return this.#rest === "" ? { from: this.#next, lines: [] } : this.push("\n");
    }
}
