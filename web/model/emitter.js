export class Emitter extends EventTarget {
  fire(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
