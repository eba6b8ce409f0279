/**
 * A run of consecutive lines, bounded in lines and in characters. What does not fit falls out at
 * the end away from where lines were added. One line always stays, however long it is.
 */
export class LineWindow {
    #start;
    #lines = [];
    #characters = 0;
    #lineLimit;
    #characterLimit;

    constructor({ start = 0, lineLimit, characterLimit }) {
        this.#start = start;
        this.#lineLimit = lineLimit;
        this.#characterLimit = characterLimit;
    }

    /** The number of the first line. */
    get start() {
        return this.#start;
    }

    /** One more than the number of the last line. */
    get end() {
        return this.#start + this.#lines.length;
    }

    /** How many lines can be added before others fall out. */
    get room() {
        if (this.#characters >= this.#characterLimit) return 0;
        return this.#lineLimit - this.#lines.length;
    }

    /** The text of a line inside the window. */
    line(number) {
        return this.#lines[number - this.#start];
    }

    /** The lines from a number inside the window to its end. */
    linesFrom(number) {
        return this.#lines.slice(number - this.#start);
    }

    /**
     * Adds lines at the end. Lines that the window has are left out; lines that would leave a
     * hole start it anew. Returns whether there was a hole.
     */
    append(from, lines) {
        const hole = from > this.end;
        if (hole) this.clear(from);
        const added = lines.slice(Math.max(0, this.end - from));
        for (const line of added) {
            this.#lines.push(line);
            this.#characters += line.length;
        }
        const surplus = this.#surplus((index) => this.#lines[index]);
        this.#lines.splice(0, surplus);
        this.#start += surplus;
        return hole;
    }

    /** Adds lines at the beginning; lines that would overlap or leave a hole are not taken. */
    prepend(from, lines) {
        if (from + lines.length < this.#start) return;
        const added = lines.slice(0, Math.max(0, this.#start - from));
        this.#lines = added.concat(this.#lines);
        this.#start -= added.length;
        for (const line of added) this.#characters += line.length;
        const last = this.#lines.length - 1;
        this.#lines.length -= this.#surplus((index) => this.#lines[last - index]);
    }

    /** Empties the window; it goes on at a number. */
    clear(start) {
        this.#start = start;
        this.#lines = [];
        this.#characters = 0;
    }

    /** How many lines have to go, taken in the order that `lineAt` gives them. */
    #surplus(lineAt) {
        let count = 0;
        const length = this.#lines.length;
        while (length - count > 1
            && (length - count > this.#lineLimit || this.#characters > this.#characterLimit)) {
            this.#characters -= lineAt(count).length;
            count += 1;
        }
        return count;
    }
}
