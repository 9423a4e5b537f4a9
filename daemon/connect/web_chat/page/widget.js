// SPDX-License-Identifier: Apache-2.0
// Puts the parts together, as the script tag says: data-channel; data-language; data-user and data-signature for a customer the shop knows;
// data-view="page" to fill the element that data-into names.
const tag = document.currentScript;
const { channel = '', language: wanted, user, signature, view: shape, into } = tag.dataset;

function start() {
  const language = languageFrom([wanted, document.documentElement.lang, ...navigator.languages]);
  const words = texts[language];
  const storage = new Storage(user ? `${channel}:${user}` : channel, safeLocalStorage());
  const states = { new: '', online: '', connecting: words.connecting, offline: words.offline, asleep: words.asleep, refused: words.refused, busy: words.busy };
  let maxFile = 1 << 20; // until the daemon says

  const view = new View({
    words, language, page: shape === 'page',
    on: {
      say(text) {
        if (text.length > session.maxText) return view.say(words.tooLong);
        const id = session.say(text);
        if (!id) return view.say(words.full);
        view.own({ id, text });
        return true;
      },
      typing(text) {
        storage.draft = text;
        if (session.state === 'online') view.say('');
        session.wake();
        if (text) session.typing();
      },
      attach: (file) => void attach(file),
      opened: () => (session.start(), seen()),
    },
  });

  const session = new Session({
    base: new URL('.', tag.src).href.replace(/\/$/, ''), channel, storage, language, identity: user ? { user, signature } : {},
    on: {
      whole: (lines) => (view.whole(lines, storage.queue), seen()),
      line(line) {
        view.add(line);
        if (line.from !== 'customer') view.news();
        seen();
      },
      stored: (id) => view.mark(id, ''),
      waiting: (id) => view.mark(id, 'waiting'),
      failed: (id) => view.mark(id, 'failed'),
      typing: (from) => view.typing(from === 'person' ? words.personTyping : words.typing),
      state: (name) => view.say(states[name]),
      welcome(welcome) {
        view.title.textContent = welcome.title || words.chat;
        maxFile = welcome.max_file;
      },
    },
  });

  view.photo = (name) => session.photo(name);

  function seen() {
    if (session.last && view.isOpen && document.visibilityState === 'visible') session.read(session.last);
  }

  async function attach(file) {
    const small = await shrink(file, maxFile);
    if (!small) return view.say(words.badPhoto);
    const preview = URL.createObjectURL(small);
    const shown = `photo-${newId()}`;
    view.own({ id: shown, text: '' }, preview);
    const send = async () => {
      view.mark(shown, 'sending');
      try {
        const upload = { id: await session.upload(small), name: file.name.slice(0, 60) };
        const id = session.say('', [upload]);
        if (!id) throw new Error('full');
        view.forget(shown);
        view.own({ id, text: '', files: [upload] }, preview);
      } catch {
        view.say(words.photoFailed);
        view.mark(shown, 'failed', send);
      }
    };
    await send();
  }

  view.whole([], storage.queue);
  view.input.value = storage.draft;
  (document.getElementById(into ?? '') ?? document.body).append(view.host);
  addEventListener('online', () => session.wake());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && (session.wake(), seen()));
  if (view.page || storage.used) session.start();
}

/** Null where the browser forbids it. */
function safeLocalStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
