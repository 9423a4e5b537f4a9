// SPDX-License-Identifier: Apache-2.0
// What the demo's customers write. A way of writing is a list of messages; {order} and {digits} are their order's number and the last digits of its phone,
// `photos` are pictures. `share` says how many of a hundred customers come for that.

export const names = {
  'zh-Hant': ['王小姐', '陳先生', '怡君', '阿德', '林太太', '小安', '志明', '雅婷', 'Kevin 張', '黃媽媽', '佩珊', '建宏', '詩涵', 'Amy Lin', '阿嬤的孫子', '宗翰', '淑芬', '冠廷', '美玲', '家豪'],
  'zh-Hans': ['t**8', '小鱼干', '李女士', '大海', 'w**2', '阳光', '陈默', '晓晓', '老周', '豆豆妈'],
  cs: ['Jana Nováková', 'Petr S.', 'Lucie', 'Tomáš Dvořák', 'Eva K.', 'Marek', 'Hana Malá', 'Ondřej', 'Babi Věra', 'Klára'],
  en: ['Daisy W.', 'Tom Baker', 'Priya N.', 'Sophie', 'Ben', 'Mrs Hughes', 'Liam O.', 'Chloe', 'Sam', 'Grace T.'],
};

export const languages = { 'zh-Hant': 58, 'zh-Hans': 14, cs: 16, en: 12 };

const photos = (count) => ({ photos: count });

export const reasons = [
  {
    share: 26, // where is it: the shop's own system answers
    'zh-Hant': [['請問我的包裹到哪了？', '{order}', '{digits}', '好的謝謝'], ['訂單 {order} 出貨了嗎', '{digits}'], ['哈囉～我的東西還沒收到欸', '{order}', '{digits}', '收到，感謝🙏'], ['查一下包裹 {order}', '電話末三碼 {digits}']],
    'zh-Hans': [['亲，我的快递到哪了', '{order}', '{digits}', '好的谢谢'], ['帮我查下 {order} 到哪里了', '{digits}']],
    cs: [['Dobrý den, kde je můj balík?', '{order}', '{digits}', 'Děkuji moc'], ['kde je objednávka {order}', '{digits}']],
    en: [['Hi, where is my parcel?', '{order}', '{digits}', 'Great, thanks!'], ['Any news about order {order}?', '{digits}']],
  },
  {
    share: 8, // late, and saying so
    'zh-Hant': [['說好禮拜五到，到現在還沒來耶', '{order}', '{digits}'], ['等了一個多禮拜了，包裹到底寄去哪', '{order}', '{digits}', '好吧我再等等']],
    'zh-Hans': [['怎么还没到，都一个星期了', '{order}', '{digits}']],
    cs: [['Balík měl přijít už v pátek a nikde nic.', '{order}', '{digits}']],
    en: [['My order should have been here days ago.', '{order}', '{digits}']],
  },
  {
    share: 9, // money back
    'zh-Hant': [['我想退貨退款', '{order}', '尺寸不合，穿不下'], ['請問退款什麼時候會下來', '{order}', '{digits}']],
    'zh-Hans': [['我要退款', '{order}', '跟图片不一样']],
    cs: [['Chci vrátit peníze za objednávku {order}', 'Nelíbí se mi materiál.']],
    en: [['I would like a refund for order {order}', 'It is not what I expected.'], ['When will I get my refund?', '{order}', '{digits}']],
  },
  {
    share: 8, // damaged: photos, then a person
    'zh-Hant': [['收到的時候杯子破了😢', photos(3), '{order}', '外箱是好的'], ['東西壞掉了', photos(2), photos(1), '{order}', '紙箱有凹']],
    'zh-Hans': [['收到货是坏的', photos(3), '{order}', '外包装也破了']],
    cs: [['Přišlo to rozbité', photos(3), '{order}', 'krabice byla v pořádku']],
    en: [['The lamp arrived broken', photos(3), '{order}', 'The box was fine']],
  },
  {
    share: 4, // wrong or missing
    'zh-Hant': [['你們寄錯顏色了', photos(1), '{order}'], ['少一個杯墊', photos(1), '{order}']],
    'zh-Hans': [['发错货了，我要的是蓝色', photos(1), '{order}']],
    cs: [['Poslali jste mi jinou barvu', photos(1), '{order}']],
    en: [['You sent the wrong size', photos(1), '{order}']],
  },
  {
    share: 7, // out of it
    'zh-Hant': [['我要取消訂單', '{order}', '對，要取消'], ['訂單 {order} 可以取消嗎，我買錯了', '是的']],
    'zh-Hans': [['取消订单 {order}', '确认取消']],
    cs: [['Chci zrušit objednávku {order}', 'ano']],
    en: [['Please cancel order {order}', 'yes']],
  },
  {
    share: 4, // another address
    'zh-Hant': [['我想改收件地址', '{order}', '改成新北市板橋區文化路一段100號5樓', '對']],
    'zh-Hans': [['地址写错了能改吗', '{order}', '改到上海市徐汇区漕溪北路88号', '对']],
    cs: [['Potřebuji změnit adresu', '{order}', 'Nová adresa: Dlouhá 12, 110 00 Praha 1', 'ano']],
    en: [['I need to change the delivery address', '{order}', '12 Mill Lane, Leeds LS1 4AB', 'yes']],
  },
  {
    share: 14, // before buying
    'zh-Hant': [['請問可以開發票嗎'], ['這款還有貨嗎'], ['運費怎麼算？'], ['可以刷卡嗎？'], ['請問今天下單今天會出貨嗎'], ['有沒有優惠～', '好喔謝謝']],
    'zh-Hans': [['可以开发票吗'], ['今天能发货吗'], ['有优惠吗']],
    cs: [['Můžu dostat fakturu?'], ['Je to skladem?'], ['Kolik stojí doprava?']],
    en: [['Can I get an invoice?'], ['Is this in stock in blue?'], ['How much is shipping?']],
  },
  {
    share: 5, // rules
    'zh-Hant': [['退貨規定是什麼？'], ['幾天內可以退', '了解，謝謝']],
    'zh-Hans': [['退货政策是什么']],
    cs: [['Jaké jsou podmínky vrácení?']],
    en: [['What is your return policy?', 'ok thanks']],
  },
  {
    share: 5, // a person, please
    'zh-Hant': [['我要找真人客服'], ['轉專人', '{order}']],
    'zh-Hans': [['人工客服']],
    cs: [['Chci mluvit s člověkem']],
    en: [['Can I talk to a person please?']],
  },
  {
    share: 5, // furious
    'zh-Hant': [['你們都死了嗎？訊息都不回，什麼爛店', '{order}'], ['第三次了！再不處理試試看，騙錢的喔']],
    'zh-Hans': [['垃圾店铺，骗子！', '{order}']],
    cs: [['Jste banda neschopných! Kde mám ten balík?', '{order}']],
    en: [['You useless idiots, third time I write!', '{order}']],
  },
  {
    share: 2, // threats
    'zh-Hant': [['再不退錢我就去消基會投訴你們', '{order}'], ['不處理我就給一星負評然後貼到爆料公社']],
    'zh-Hans': [['不退款我就打12315']],
    cs: [['Podám stížnost na ČOI.', '{order}']],
    en: [['I will leave a one-star review everywhere and call my lawyer.', '{order}']],
  },
  {
    share: 3, // just talk
    'zh-Hant': [['你好'], ['收到包裹了，很喜歡，謝謝！'], ['你是機器人嗎？']],
    'zh-Hans': [['在吗'], ['收到了，不错']],
    cs: [['Ahoj'], ['Už to přišlo, díky!']],
    en: [['Hello'], ['It arrived, lovely, thank you!'], ['Are you a robot?']],
  },
];

/** What a person of the shop says: first when they take over, then when it is done. Nothing the guard would hold back. */
export const answers = {
  'zh-Hant': { first: ['您好，我是{agent}，這邊接手為您處理，正在查看您的訂單。', '您好，我是客服{agent}，抱歉讓您久等，我先看一下您的狀況。'], done: ['已經幫您記錄並請倉庫同仁確認，有結果會在這裡跟您說。', '跟同仁確認過了，您的案件已經往下處理，後續在這裡跟您更新。'], thanks: ['好的謝謝你', '了解，麻煩了', '謝謝！'] },
  'zh-Hans': { first: ['您好，我是{agent}，由我来处理，正在查看您的订单。'], done: ['已经帮您登记并请仓库同事核实，有结果会在这里告诉您。'], thanks: ['好的谢谢', '行，谢谢'] },
  cs: { first: ['Dobrý den, tady {agent}. Ujímám se toho a dívám se na Vaši objednávku.'], done: ['Předala jsem to kolegům ve skladu, výsledek Vám napíšu sem.'], thanks: ['Děkuji', 'Dobře, díky'] },
  en: { first: ['Hello, this is {agent}. I am looking at your order right now.'], done: ['I have passed this on to our warehouse and will write here as soon as they answer me.'], thanks: ['Thank you', 'ok, thanks'] },
};
