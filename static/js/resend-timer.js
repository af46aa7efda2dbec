// Counts down to the moment at which another mail may be asked for; until then the button says how long.
(function () {
  "use strict";
  var button = document.querySelector("[data-resend-in]");
  if (!button) return;
  var ready = button.textContent;
  var end = Date.now() + Number(button.dataset.resendIn) * 1000;

  function tick() {
    var left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? button.dataset.wait.replace("#", String(left)) : ready;
    if (left > 0) window.setTimeout(tick, 250);
  }

  tick();
})();
