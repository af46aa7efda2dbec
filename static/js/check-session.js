// Answers pages of websites that ask whether a login goes on (OpenID Connect Session Management 1.0, section 3.2).
// Each message is "client_id session_state"; the answer is "unchanged", "changed" or "error", for the asking page alone.
(function () {
  "use strict";
  var cookie = document.querySelector("script[data-cookie]").getAttribute("data-cookie");

  // SHA-256 (FIPS 180-4, section 6.2.2), since not every browser lets a frame use its own.
  function roots(count, power) {
    var found = [];
    for (var n = 2; found.length < count; n++) {
      var prime = true;
      for (var d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
      if (prime) {
        var root = Math.pow(n, power);
        found.push(((root - Math.floor(root)) * 4294967296) | 0);
      }
    }
    return found;
  }
  var START = roots(8, 1 / 2);
  var ROUND = roots(64, 1 / 3);

  function turned(word, bits) {
    return (word >>> bits) | (word << (32 - bits));
  }

  function blocks(text) {
    var raw = unescape(encodeURIComponent(text));
    var words = [];
    for (var i = 0; i < raw.length; i++) words[i >> 2] |= raw.charCodeAt(i) << (24 - (i % 4) * 8);
    words[raw.length >> 2] |= 0x80 << (24 - (raw.length % 4) * 8);
    var size = (((raw.length + 8) >> 6) + 1) * 16;
    for (var j = 0; j < size; j++) words[j] |= 0;
    words[size - 1] = raw.length * 8;
    return words;
  }

  function sha256(text) {
    var words = blocks(text);
    var state = START.slice();
    for (var at = 0; at < words.length; at += 16) {
      var w = words.slice(at, at + 16);
      var v = state.slice();
      for (var t = 0; t < 64; t++) {
        if (t > 15) {
          var x = w[t - 15];
          var y = w[t - 2];
          var small = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
          w[t] = (w[t - 16] + small + w[t - 7] + (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10))) | 0;
        }
        var chosen = (v[4] & v[5]) ^ (~v[4] & v[6]);
        var most = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        var first = (v[7] + (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) + chosen + ROUND[t] + w[t]) | 0;
        var second = ((turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) + most) | 0;
        v = [(first + second) | 0, v[0], v[1], v[2], (v[3] + first) | 0, v[4], v[5], v[6]];
      }
      for (var k = 0; k < 8; k++) state[k] = (state[k] + v[k]) | 0;
    }
    var hex = "";
    for (var m = 0; m < 8; m++) hex += ("0000000" + (state[m] >>> 0).toString(16)).slice(-8);
    return hex;
  }

  function browserState() {
    var parts = document.cookie.split("; ");
    for (var i = 0; i < parts.length; i++) {
      if (parts[i].indexOf(cookie + "=") === 0) return parts[i].slice(cookie.length + 1);
    }
    return "";
  }

  function answer(message, origin) {
    var asked = typeof message === "string" ? message.split(" ") : [];
    if (asked.length !== 2 || !asked[0] || !/^[0-9a-f]{64}\.[A-Za-z0-9_-]+$/.test(asked[1])) return "error";
    // Where cookies are kept from frames nothing can be known, and asking vodka again would not help.
    if (navigator.cookieEnabled === false) return "error";
    var salt = asked[1].split(".")[1];
    var now = sha256(asked[0] + " " + origin + " " + browserState() + " " + salt);
    return now === asked[1].split(".")[0] ? "unchanged" : "changed";
  }

  window.addEventListener("message", function (event) {
    // A page without an origin of its own can be answered by nobody but everybody, so by nobody.
    if (!event.source || !/^https?:\/\//.test(event.origin)) return;
    event.source.postMessage(answer(event.data, event.origin), event.origin);
  });
})();
