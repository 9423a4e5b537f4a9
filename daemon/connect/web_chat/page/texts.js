// SPDX-License-Identifier: Apache-2.0
// What the chat says by itself. The shop's answers come in the customer's language without this.
const texts = {
  en: {
    chat: 'Chat', open: 'Open chat', close: 'Close chat', unread: (n) => `Open chat, ${n} new`, log: 'Conversation', intro: 'Hello! How can we help you?',
    you: 'You', assistant: 'Automatic assistant', person: 'Our team', message: 'Your message', placeholder: 'Write a message', send: 'Send', attach: 'Send a photo',
    photo: 'Photo', photos: (n) => (n === 1 ? 'Photo' : `${n} photos`), replies: 'Suggested answers', typing: 'The assistant is writing …', personTyping: 'Our team is writing …',
    connecting: 'Connecting …', offline: 'No connection. What you write is kept and sent later.', asleep: 'Paused. Write to go on.',
    refused: 'This chat cannot be opened now. Please load the page again.', busy: 'Many people are writing. One moment, please.',
    sending: 'Sending …', waiting: 'Will be sent soon', failed: 'Not sent', again: 'Try again', tooLong: 'The message is too long.', full: 'Too many messages wait to be sent.',
    badPhoto: 'Only photos (JPEG, PNG, GIF, WebP) can be sent.', photoFailed: 'The photo could not be sent.',
  },
  'zh-Hant': {
    chat: '客服', open: '開啟客服對話', close: '關閉對話', unread: (n) => `開啟客服對話，${n} 則新訊息`, log: '對話內容', intro: '您好！需要什麼協助嗎？',
    you: '您', assistant: '自動客服', person: '客服人員', message: '您的訊息', placeholder: '輸入訊息', send: '傳送', attach: '傳送照片',
    photo: '照片', photos: (n) => (n === 1 ? '照片' : `${n} 張照片`), replies: '建議回覆', typing: '自動客服正在輸入 …', personTyping: '客服人員正在輸入 …',
    connecting: '連線中 …', offline: '目前沒有連線。您輸入的內容會保留，稍後送出。', asleep: '已暫停，輸入訊息即可繼續。',
    refused: '目前無法開啟對話，請重新載入頁面。', busy: '目前人數較多，請稍候。',
    sending: '傳送中 …', waiting: '稍後送出', failed: '未送出', again: '再試一次', tooLong: '訊息太長。', full: '等待送出的訊息太多。',
    badPhoto: '只能傳送照片（JPEG、PNG、GIF、WebP）。', photoFailed: '照片無法送出。',
  },
  'zh-Hans': {
    chat: '客服', open: '打开客服对话', close: '关闭对话', unread: (n) => `打开客服对话，${n} 条新消息`, log: '对话内容', intro: '您好！有什么可以帮您？',
    you: '您', assistant: '自动客服', person: '客服人员', message: '您的消息', placeholder: '输入消息', send: '发送', attach: '发送照片',
    photo: '照片', photos: (n) => (n === 1 ? '照片' : `${n} 张照片`), replies: '建议回复', typing: '自动客服正在输入 …', personTyping: '客服人员正在输入 …',
    connecting: '连接中 …', offline: '当前没有连接。您输入的内容会保留，稍后发送。', asleep: '已暂停，输入消息即可继续。',
    refused: '暂时无法打开对话，请重新加载页面。', busy: '当前人数较多，请稍候。',
    sending: '发送中 …', waiting: '稍后发送', failed: '未发送', again: '重试', tooLong: '消息太长。', full: '等待发送的消息太多。',
    badPhoto: '只能发送照片（JPEG、PNG、GIF、WebP）。', photoFailed: '照片无法发送。',
  },
  cs: {
    chat: 'Chat', open: 'Otevřít chat', close: 'Zavřít chat', unread: (n) => `Otevřít chat, nové zprávy: ${n}`, log: 'Konverzace', intro: 'Dobrý den! S čím vám můžeme pomoci?',
    you: 'Vy', assistant: 'Automatický asistent', person: 'Náš tým', message: 'Vaše zpráva', placeholder: 'Napište zprávu', send: 'Odeslat', attach: 'Poslat fotku',
    photo: 'Fotka', photos: (n) => (n === 1 ? 'Fotka' : `Fotky: ${n}`), replies: 'Navržené odpovědi', typing: 'Asistent píše …', personTyping: 'Náš tým píše …',
    connecting: 'Připojuji …', offline: 'Bez připojení. Co napíšete, zůstane uložené a odešle se později.', asleep: 'Pozastaveno. Pokračujte napsáním zprávy.',
    refused: 'Chat teď nelze otevřít. Načtěte prosím stránku znovu.', busy: 'Právě píše hodně lidí. Chvilku strpení, prosím.',
    sending: 'Odesílám …', waiting: 'Odešle se za chvíli', failed: 'Neodesláno', again: 'Zkusit znovu', tooLong: 'Zpráva je příliš dlouhá.', full: 'Na odeslání čeká příliš mnoho zpráv.',
    badPhoto: 'Lze poslat jen fotky (JPEG, PNG, GIF, WebP).', photoFailed: 'Fotku se nepodařilo odeslat.',
  },
};

/** The first of `wanted` (BCP 47) that there are texts in; Chinese without a script goes by its region. */
function languageFrom(wanted) {
  for (const tag of wanted) {
    if (!tag) continue;
    if (texts[tag]) return tag;
    const [language, ...rest] = tag.toLowerCase().split(/[-_]/);
    if (language === 'zh') return rest.includes('hant') || (!rest.includes('hans') && ['tw', 'hk', 'mo'].some((region) => rest.includes(region))) ? 'zh-Hant' : 'zh-Hans';
    if (texts[language]) return language;
  }
  return 'en';
}
