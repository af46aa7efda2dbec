// Goes on once the hidden frames have loaded, and soon in any case; without a script the link does it.
(function () {
  "use strict";
  var LONGEST = 3000; // milliseconds
  var link = document.querySelector("[data-onward]");
  var gone = false;

  function go() {
    if (gone) return;
    gone = true;
    location.replace(link.href);
  }

  if (!link) return;
  window.addEventListener("load", go);
  setTimeout(go, LONGEST);
})();
