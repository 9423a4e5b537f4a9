// SPDX-License-Identifier: Apache-2.0
// What stays in the visitor's browser: the key to their conversation, what is not sent yet, and what is being typed. All tabs of the page share it.
class Storage {
  constructor(name, local) {
    this.prefix = `kefud:${name}:`;
    this.local = local; // null where the browser keeps nothing: then it lasts as long as the page
    this.memory = new Map();
  }
  get(key) {
    try {
      return this.local ? this.local.getItem(this.prefix + key) : this.memory.get(key) ?? null;
    } catch {
      return this.memory.get(key) ?? null;
    }
  }
  set(key, value) {
    this.memory.set(key, value);
    try {
      this.local?.setItem(this.prefix + key, value);
    } catch {
      // full, or forbidden: the page's own memory has it
    }
  }
  get token() { return this.get('token') ?? ''; }
  set token(value) { this.set('token', value); }
  get draft() { return this.get('draft') ?? ''; }
  set draft(value) { this.set('draft', value); }
  /** True once something was said here: then the chat connects by itself on the next page. */
  get used() { return this.get('used') === '1'; }
  set used(value) { this.set('used', value ? '1' : ''); }

  /** Messages that the daemon has not stored yet, oldest first: {id, text, files}. */
  get queue() {
    try {
      const list = JSON.parse(this.get('queue') ?? '[]');
      return Array.isArray(list) ? list.filter((one) => typeof one?.id === 'string') : [];
    } catch {
      return [];
    }
  }
  enqueue(message) { this.set('queue', JSON.stringify([...this.queue, message])); }
  drop(id) {
    const queue = this.queue;
    const left = queue.filter((one) => one.id !== id);
    if (left.length !== queue.length) this.set('queue', JSON.stringify(left));
  }
}
