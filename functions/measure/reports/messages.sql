/*
title: {tr: İletiler, en: Messages}
description:
  tr: Bu günler için planlanan her ileti ne oldu; açılma ve tıklama sonradan da sayılır. Ciro, son dokunuşa göredir.
  en: What became of each message that was planned for these days; opens and clicks count whenever they came. Revenue goes to the last touch.
parameters: [from, to, segment, compare]
tables:
  - name: steps
    title: {tr: Akış ve kampanyalar, en: Journeys and campaigns}
    key: [kind, name, step, channel]
    chart: {kind: bars, x: name, y: [sent, opened, clicked]}
    columns: &counts
      kind: {kind: text, tr: Tür, en: Kind, means: journey or campaign}
      name: {kind: text, tr: Ad, en: Name, means: name of the journey or campaign}
      step: {kind: text, tr: Adım, en: Step, means: step of the journey}
      channel: {kind: text, tr: Kanal, en: Channel, means: "email, sms or push"}
      planned: {kind: count, tr: Planlanan, en: Planned, means: messages planned for these days}
      sent: {kind: count, tr: Gönderilen, en: Sent, means: given to the provider}
      not_sent: {kind: count, tr: Gönderilmeyen, en: Not sent, means: skipped or failed}
      waiting: {kind: count, tr: Bekleyen, en: Waiting, means: deferred}
      unknown: {kind: count, tr: Bilinmeyen, en: Unknown, means: the provider gave no answer}
      delivered: {kind: count, tr: Ulaşan, en: Delivered, means: the provider reported its arrival}
      opened: {kind: count, tr: Açılan, en: Opened, means: opened by a person}
      opened_machine: {kind: count, tr: Yalnız makine açan, en: Opened by machines only, means: opened by a program and by no person}
      clicked: {kind: count, tr: Tıklanan, en: Clicked, means: "a link was followed by a person, or a push message tapped"}
      bounced: {kind: count, tr: Geri dönen, en: Bounced, means: bounced or refused by the recipient's provider}
      complained: {kind: count, tr: Şikâyet, en: Complained, means: marked as spam}
      unsubscribed: {kind: count, tr: Ayrılan, en: Unsubscribed, means: the recipient unsubscribed through it}
      converted: {kind: count, tr: Siparişe dönen, en: Converted, means: messages that were the last touch of an order}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: revenue of those orders}
      revenue_each: {kind: money, tr: İleti başına ciro, en: Revenue per message, means: revenue per sent message}
  - name: days
    title: {tr: Günlere göre, en: By day}
    key: [day]
    chart: {kind: lines, x: day, y: [sent, opened, clicked]}
    columns:
      day: {kind: date, tr: Gün, en: Day, means: local day for which they were planned}
      planned: {kind: count, tr: Planlanan, en: Planned, means: messages planned for the day}
      sent: {kind: count, tr: Gönderilen, en: Sent, means: given to the provider}
      opened: {kind: count, tr: Açılan, en: Opened, means: opened by a person}
      clicked: {kind: count, tr: Tıklanan, en: Clicked, means: clicked by a person}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: revenue of orders with one of them as last touch}
  - name: reasons
    title: {tr: Neden gönderilmedi, en: Why not sent}
    key: [state, reason, channel]
    chart: {kind: bars, x: reason, y: [messages]}
    columns:
      state: {kind: text, tr: Durum, en: State, means: "skipped, failed, deferred or unknown"}
      reason: {kind: text, tr: Neden, en: Reason, means: word of docs/messages.md}
      channel: {kind: text, tr: Kanal, en: Channel, means: "email, sms or push"}
      messages: {kind: count, tr: İleti, en: Messages, means: messages planned for these days}
*/
-- table: steps
SELECT
  CASE WHEN campaign <> '' THEN 'campaign' ELSE 'journey' END AS kind,
  CASE WHEN campaign <> '' THEN campaign ELSE journey END AS name, step, channel,
  count(*) AS planned, count(*) FILTER (WHERE state = 'sent') AS sent,
  count(*) FILTER (WHERE state IN ('skipped', 'failed')) AS not_sent,
  count(*) FILTER (WHERE state = 'deferred') AS waiting, count(*) FILTER (WHERE state = 'unknown') AS unknown,
  count(*) FILTER (WHERE delivered) AS delivered, count(*) FILTER (WHERE opened) AS opened,
  count(*) FILTER (WHERE opened_machine) AS opened_machine, count(*) FILTER (WHERE clicked) AS clicked,
  count(*) FILTER (WHERE bounced) AS bounced, count(*) FILTER (WHERE complained) AS complained,
  count(*) FILTER (WHERE unsubscribed) AS unsubscribed, count(*) FILTER (WHERE orders > 0) AS converted,
  sum(revenue) AS revenue, sum(revenue) / nullif(count(*) FILTER (WHERE state = 'sent'), 0) AS revenue_each
FROM message_facts, asked WHERE planned_at >= from_ms AND planned_at < to_ms
GROUP BY 1, 2, 3, 4 ORDER BY sent DESC, 1, 2, 3, 4;

-- table: days
SELECT
  CAST(local_planned AS DATE) AS day, count(*) AS planned, count(*) FILTER (WHERE state = 'sent') AS sent,
  count(*) FILTER (WHERE opened) AS opened, count(*) FILTER (WHERE clicked) AS clicked, sum(revenue) AS revenue
FROM message_facts, asked WHERE planned_at >= from_ms AND planned_at < to_ms GROUP BY 1 ORDER BY 1;

-- table: reasons
SELECT state, reason, channel, count(*) AS messages
FROM messages, asked WHERE state <> 'sent' AND planned_at >= from_ms AND planned_at < to_ms
GROUP BY 1, 2, 3 ORDER BY messages DESC, 1, 2, 3;
