// SPDX-License-Identifier: Apache-2.0
// What the visitor sees: a shadow tree of its own. Texts from outside only ever become text nodes.
const usualTypes = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const typingShown = 8_000;
const longestSide = 2_000;

/** An element with attributes, properties (functions and `textContent`) and children. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== false) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children);
  return made;
}

/** A drawing of lines on a 24 x 24 field. */
function icon(path) {
  const space = 'http://www.w3.org/2000/svg';
  const drawing = document.createElementNS(space, 'svg');
  const line = document.createElementNS(space, 'path');
  for (const [key, value] of Object.entries({ viewBox: '0 0 24 24', width: '24', height: '24', 'aria-hidden': 'true', focusable: 'false' })) drawing.setAttribute(key, value);
  line.setAttribute('d', path);
  drawing.append(line);
  return drawing;
}
const icons = { chat: 'M4 5h16v11H10l-4 4v-4H4z', photo: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9h.01', close: 'M6 6l12 12M18 6L6 18' };

/** Text with its web addresses as links. */
function withLinks(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"'，。；！？、）】」』]+/g)) {
    const address = match[0].replace(/[.,;:!?)\]]+$/, '');
    parts.push(text.slice(from, match.index), element('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, address));
    from = match.index + address.length;
  }
  return [...parts, text.slice(from)];
}

class View {
  /** `on`: say(text), typing(text), attach(file), opened(). `page`: fills the page, and has neither launcher nor close button. */
  constructor({ words, language, page, on }) {
    Object.assign(this, { words, language, page, on });
    this.lines = new Map(); // the customer's, by id
    this.unread = 0;
    this.time = new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' });
    this.host = element('div', { class: 'kefud-chat' });
    const root = this.host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
    root.append(this.build());
    this.isOpen = page;
    this.show();
  }

  build() {
    const { words } = this;
    this.title = element(this.page ? 'h1' : 'h2', { id: 'title' }, words.chat);
    this.state = element('p', { class: 'state', role: 'status' });
    this.log = element('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': words.log, tabindex: '0' });
    this.typingLine = element('p', { class: 'typing', hidden: true });
    this.replies = element('div', { class: 'replies', role: 'group', 'aria-label': words.replies, hidden: true });
    this.input = element('textarea', { id: 'input', rows: '1', placeholder: words.placeholder, enterkeyhint: 'send', autocomplete: 'off',
      input: () => this.on.typing(this.input.value), keydown: (event) => this.key(event) });
    this.file = element('input', { type: 'file', accept: usualTypes.join(), hidden: true, change: () => this.chosen() });
    const attach = element('button', { type: 'button', class: 'attach', 'aria-label': words.attach, title: words.attach, click: () => this.file.click() }, icon(icons.photo));
    const form = element('form', { submit: (event) => (event.preventDefault(), this.submit()) },
      element('label', { for: 'input', class: 'hidden' }, words.message), this.input, this.file, attach, element('button', { type: 'submit', class: 'send' }, words.send));
    const close = element('button', { type: 'button', class: 'close', 'aria-label': words.close, title: words.close, click: () => this.toggle(false) }, icon(icons.close));
    this.panel = element('section', { class: 'panel', role: this.page ? 'region' : 'dialog', 'aria-labelledby': 'title', keydown: (event) => event.key === 'Escape' && this.toggle(false) },
      element('header', {}, this.title, ...(this.page ? [] : [close])), this.state, this.log, this.typingLine, this.replies, form);
    this.launcher = element('button', { type: 'button', class: 'launcher', 'aria-haspopup': 'dialog', click: () => this.toggle(!this.isOpen) }, icon(icons.chat));
    this.badge = element('span', { class: 'badge', 'aria-hidden': 'true' });
    this.launcher.append(this.badge);
    return element(this.page ? 'div' : 'aside', { class: this.page ? 'frame page' : 'frame', lang: this.language, 'aria-label': this.page ? false : words.chat },
      this.panel, ...(this.page ? [] : [this.launcher]));
  }

  toggle(open) {
    if (this.page || this.isOpen === open) return;
    this.isOpen = open;
    this.show();
    (open ? this.input : this.launcher).focus();
    if (open) this.on.opened();
  }

  show() {
    this.panel.hidden = !this.isOpen;
    if (this.isOpen) this.unread = 0;
    this.launcher.setAttribute('aria-expanded', this.isOpen);
    this.launcher.setAttribute('aria-label', this.unread ? this.words.unread(this.unread) : this.words.open);
    this.badge.textContent = this.unread || '';
    if (this.isOpen) this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  key(event) {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.input.value.trim();
    if (text && this.on.say(text)) {
      this.input.value = '';
      this.on.typing('');
    }
    this.input.focus();
  }

  chosen() {
    const [file] = this.file.files;
    this.file.value = '';
    if (file) this.on.attach(file);
  }

  // What happens ---------------------------------------------------------------------------------------------------------------------------

  /** Draws everything anew, without a screen reader telling all of it. */
  whole(lines, waiting) {
    this.log.setAttribute('aria-live', 'off');
    this.log.replaceChildren(element('p', { class: 'intro' }, this.words.intro));
    this.lines.clear();
    this.offer([]);
    lines.forEach((line) => this.add(line));
    waiting.forEach((message) => this.own(message));
    setTimeout(() => this.log.setAttribute('aria-live', 'polite'), 500);
  }

  /** A line that came, also one that another tab wrote. */
  add(line) {
    const known = line.id && this.lines.get(line.id);
    if (known) return this.mark(line.id, '');
    const children = line.parts.flatMap((part) => [
      ...(part.image ? [element('img', { src: part.image, alt: this.words.photo, load: () => this.toEnd() })] : []),
      ...(part.text ? [element('p', { class: 'text' }, ...withLinks(part.text))] : []),
    ]);
    if (line.files) children.push(this.photos(line));
    const entry = this.entry(line.from, line.at, children);
    if (line.from === 'customer') this.lines.set(line.id, entry);
    else this.typing('');
    this.append(entry);
    this.offer(line.from === 'customer' ? [] : line.parts.flatMap((part) => part.replies ?? []));
  }

  /** The photos of a stored line as soon as they are here; until then, and when they cannot be had, a word for them. */
  photos({ files, photos = [] }) {
    const place = element('div', {}, element('p', { class: 'text' }, this.words.photos(files)));
    if (photos.length < files || !this.photo) return place;
    Promise.all(photos.map((name) => this.photo(name)))
      .then((blobs) => place.replaceChildren(...blobs.map((blob) => element('img', { src: URL.createObjectURL(blob), alt: this.words.photo, load: () => this.toEnd() }))))
      .catch(() => {});
    return place;
  }

  /** What the visitor just said, before anybody has it. `preview`: the photo. */
  own({ id, text, files = [] }, preview) {
    if (this.lines.has(id)) return;
    const children = text ? [element('p', { class: 'text' }, ...withLinks(text))] : [];
    if (preview) children.push(element('img', { src: preview, alt: this.words.photo, load: () => this.toEnd() }));
    else if (files.length) children.push(element('p', { class: 'text' }, this.words.photos(files.length)));
    const entry = this.entry('customer', Date.now(), children);
    this.lines.set(id, entry);
    this.append(entry);
    this.mark(id, 'sending');
    this.offer([]);
    this.toEnd();
  }

  entry(from, at, children) {
    const when = new Date(at);
    const who = { customer: this.words.you, assistant: this.words.assistant, person: this.words.person }[from];
    const foot = element('p', { class: 'foot' }, element('time', { datetime: when.toISOString() }, this.time.format(when)), element('span', { class: 'mark' }));
    return element('div', { class: `line ${from}` }, element('p', { class: 'who' }, who), ...children, foot);
  }

  append(entry) {
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    this.log.append(entry);
    if (atEnd) this.toEnd();
  }

  /** '' (stored), 'sending', 'waiting' or 'failed'; `again` is what trying once more does. */
  mark(id, state, again) {
    const mark = this.lines.get(id)?.querySelector('.mark');
    if (!mark) return;
    mark.replaceChildren(...(state ? [` · ${this.words[state]}`] : []));
    if (again) mark.append(' ', element('button', { type: 'button', class: 'again', click: again }, this.words.again));
  }

  forget(id) {
    this.lines.get(id)?.remove();
    this.lines.delete(id);
  }

  offer(replies) {
    this.replies.hidden = replies.length === 0;
    this.replies.replaceChildren(...replies.map(({ label, text }) =>
      element('button', { type: 'button', click: () => this.on.say(text) && this.input.focus() }, label)));
  }

  news() {
    if (!this.isOpen) ++this.unread;
    this.show();
  }

  /** `text` for some seconds; '' at once nothing. */
  typing(text) {
    clearTimeout(this.typingEnds);
    this.typingLine.textContent = text;
    this.typingLine.hidden = !text;
    if (text) this.typingEnds = setTimeout(() => this.typing(''), typingShown);
  }

  say(state) {
    this.state.textContent = state;
    this.state.hidden = !state;
  }
}

/** The photo as it may be sent: of a known type, and small enough. Null when it is none. */
async function shrink(file, most) {
  if (usualTypes.includes(file.type) && file.size <= most) return file;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  for (let side = longestSide; side >= 250; side /= 2) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = element('canvas');
    canvas.width = Math.max(1, picture.width * scale);
    canvas.height = Math.max(1, picture.height * scale);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const smaller = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
    if (smaller && smaller.size <= most) return smaller;
  }
  return null;
}
