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
-- An hour begins at a quarter of an hour in every time zone, so local hours are computed of quarters.
SELECT
  isodow(local) AS weekday, hour(local) AS hour, sum(sent) AS sent, sum(opened) AS opened, sum(clicked) AS clicked,
  sum(opened) / sum(sent) AS open_rate, sum(clicked) / sum(sent) AS click_rate, sum(revenue) AS revenue
FROM (
  SELECT local_time(quarter * 900000) AS local, sent, opened, clicked, revenue FROM (
    SELECT
      ended_at // 900000 AS quarter, count(*) AS sent, count(*) FILTER (WHERE opened) AS opened,
      count(*) FILTER (WHERE clicked) AS clicked, sum(revenue) AS revenue
    FROM message_facts WHERE state = 'sent' AND ended_at >= from_ms() AND ended_at < to_ms() GROUP BY 1
  )
)
GROUP BY 1, 2 ORDER BY 1, 2;

-- table: answers
SELECT
  isodow(local) AS weekday, hour(local) AS hour, sum(answers) AS answers, sum(clicks) AS clicks,
  sum(answers) / sum(sum(answers)) OVER () AS share
FROM (
  SELECT local_time(quarter * 900000) AS local, answers, clicks FROM (
    SELECT reactions."at" // 900000 AS quarter, count(*) AS answers, count(*) FILTER (WHERE mark = 8) AS clicks
    FROM reactions JOIN messages USING (id)
    WHERE mark IN (2, 8) AND reactions."at" >= from_ms() AND reactions."at" < to_ms() GROUP BY 1
  )
)
GROUP BY 1, 2 ORDER BY 1, 2;
