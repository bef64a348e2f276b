#!/bin/sh
# Makes sure that there is a Chromium for the browser tests: installs Debian's when it may, else says what to do.
set -eu

if [ -n "${OMSNB_CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "The browser tests need Chromium, and none was found."
echo "Debian or Ubuntu: sudo apt-get install chromium. Elsewhere: set OMSNB_CHROMIUM to the path of Chrome or Chromium."
exit 1
