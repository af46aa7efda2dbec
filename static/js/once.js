// A form is sent once: who presses again while the answer is on its way would spend the code, or the decision, twice.
(function () {
  "use strict";
  var PAUSE = 5000; // milliseconds; afterwards, or back from the next page, it may be sent again
  var sent = -PAUSE;

  document.addEventListener("submit", function (event) {
    if (event.timeStamp - sent < PAUSE) event.preventDefault();
    else sent = event.timeStamp;
  });

  window.addEventListener("pageshow", function () {
    sent = -PAUSE;
  });
})();
