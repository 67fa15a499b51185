/*
title: {tr: Gönderme saati, en: Time of sending}
description:
  tr: İletiler haftanın hangi günü ve saatinde gönderildi, kaçına tepki geldi.
  en: On which weekday and at which hour messages were sent, and how many people reacted.
parameters: [from, to, segment, compare]
tables:
  - name: hours
    title: {tr: Gün ve saat, en: Weekday and hour}
    key: [weekday, hour]
    chart: {kind: matrix, x: hour, by: weekday, y: [click_rate]}
    columns:
      weekday: {kind: weekday, tr: Gün, en: Weekday, means: 1 is Monday and 7 is Sunday; local}
      hour: {kind: count, tr: Saat, en: Hour, means: local hour of sending}
      sent: {kind: count, tr: Gönderilen, en: Sent, means: messages that were sent then}
      opened: {kind: count, tr: Açılan, en: Opened, means: opened by a person}
      clicked: {kind: count, tr: Tıklanan, en: Clicked, means: clicked by a person}
      open_rate: {kind: share, tr: Açılma, en: Open rate, means: opened of sent}
      click_rate: {kind: share, tr: Tıklama, en: Click rate, means: clicked of sent}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: revenue of orders with one of them as last touch}
  - name: answers
    title: {tr: Ne zaman yanıt veriyorlar, en: When people answer}
    key: [weekday, hour]
    chart: {kind: matrix, x: hour, by: weekday, y: [answers]}
    columns:
      weekday: {kind: weekday, tr: Gün, en: Weekday, means: 1 is Monday and 7 is Sunday; local}
      hour: {kind: count, tr: Saat, en: Hour, means: local hour in which a person opened or clicked}
      answers: {kind: count, tr: Yanıt, en: Answers, means: opens and clicks by people in these days}
      clicks: {kind: count, tr: Tıklama, en: Clicks, means: those that are clicks}
      share: {kind: share, tr: Pay, en: Share, means: of all answers}
*/
-- table: hours
SELECT
  isodow(local_time(ended_at)) AS weekday, hour(local_time(ended_at)) AS hour, count(*) AS sent, count(*) FILTER (WHERE opened) AS opened,
  count(*) FILTER (WHERE clicked) AS clicked, count(*) FILTER (WHERE opened) / count(*) AS open_rate,
  count(*) FILTER (WHERE clicked) / count(*) AS click_rate, sum(revenue) AS revenue
FROM message_facts, asked WHERE state = 'sent' AND ended_at >= from_ms AND ended_at < to_ms
GROUP BY 1, 2 ORDER BY 1, 2;

-- table: answers
SELECT
  isodow(local) AS weekday, hour(local) AS hour, count(*) AS answers, count(*) FILTER (WHERE what = 'clicked') AS clicks,
  count(*) / sum(count(*)) OVER () AS share
FROM (
  SELECT what, local_time(reactions."at") AS local
  FROM reactions JOIN messages USING (id), asked
  WHERE what IN ('opened', 'clicked') AND NOT machine AND reactions."at" >= from_ms AND reactions."at" < to_ms
)
GROUP BY 1, 2 ORDER BY 1, 2;
