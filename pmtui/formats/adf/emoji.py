"""The emoji for `:name:`, by Slack's and Atlassian's short names.

Only these are read from plain text, so that `ratio:max:min` stays text; any other is written `:emoji[name]`.
Atlassian's id of a standard emoji is its code points in hexadecimal.
"""

from __future__ import annotations

_TABLE = """
+1 👍  thumbsup 👍  -1 👎  thumbsdown 👎  clap 👏  wave 👋  pray 🙏  muscle 💪  raised_hands 🙌  point_right 👉
smile 😄  smiley 😃  slight_smile 🙂  grinning 😀  joy 😂  wink 😉  thinking 🤔  sweat_smile 😅  cry 😢  scream 😱  heart ❤️  robot 🤖
white_check_mark ✅  heavy_check_mark ✔️  x ❌  no_entry ⛔  warning ⚠️  rotating_light 🚨  information_source ℹ️
question ❓  exclamation ❗  red_circle 🔴  large_blue_circle 🔵  construction 🚧  checkered_flag 🏁
tada 🎉  rocket 🚀  fire 🔥  star ⭐  sparkles ✨  zap ⚡  boom 💥  bulb 💡  bug 🐛  eyes 👀  cloud ☁️  sunny ☀️  snowflake ❄️  coffee ☕
memo 📝  pushpin 📌  link 🔗  lock 🔒  key 🔑  wrench 🔧  hammer 🔨  gear ⚙️  package 📦  mag 🔍  bell 🔔  email 📧
calendar 📆  clock1 🕐  hourglass ⌛  stopwatch ⏱️  chart_with_upwards_trend 📈  chart_with_downwards_trend 📉  bar_chart 📊
"""
_PARTS = _TABLE.split()
EMOJI = dict(zip(_PARTS[::2], _PARTS[1::2], strict=True))


def emoji_id(char: str) -> str:
    """Atlassian's id: "1f389" for 🎉, without the variation selector."""
    return "-".join(f"{ord(c):x}" for c in char if c != "\ufe0f")


def emoji_attributes(name: str) -> dict[str, str]:
    """The attributes of the emoji node for `:name:`; `name` must be in EMOJI."""
    char = EMOJI[name]
    return {"shortName": f":{name}:", "id": emoji_id(char), "text": char}
