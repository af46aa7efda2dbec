// The code field keeps digits only, so that "012 345" can be pasted, and submits itself once at six of them.
(function () {
  "use strict";
  var field = document.querySelector("[data-code-input]");
  if (!field) return;
  var submitted = false;

  field.addEventListener("paste", function (event) {
    var digits = event.clipboardData.getData("text").replace(/[^0-9]/g, "").slice(0, 6);
    if (!digits) return;
    event.preventDefault();
    field.value = digits;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  field.addEventListener("input", function () {
    var digits = field.value.replace(/[^0-9]/g, "").slice(0, 6);
    if (digits !== field.value) field.value = digits;
    if (digits.length !== 6 || submitted) return;
    submitted = true;
    field.form.requestSubmit();
  });

  // Back from the next page, as the browser kept this one: the field may submit again.
  window.addEventListener("pageshow", function () {
    submitted = false;
  });
})();
