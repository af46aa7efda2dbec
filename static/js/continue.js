// Goes on at once where the student's remembered consent covers everything; without a script the button does it.
// It runs while the page still loads, so the page leaves no entry in the history for the back button to stumble over.
(function () {
  "use strict";
  var form = document.querySelector("[data-continue]");
  if (form) form.requestSubmit();
})();
