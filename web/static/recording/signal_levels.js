// How loud the sound is and how bright the picture is: two numbers, and nothing about who is in it.

const SPEECH_LEVEL = 0.012; // root mean square; a quiet room with a laptop's microphone has less
const HEARD_MS = 2500;
const QUIET_AFTER_MS = 6000;
const DARK_LUMA = 45; // of 255
const LOOK_MS = 1000;
const LISTEN_MS = 100;

/**
 * @typedef {object} Sensed
 * @property {number} level 0 to 1, for a meter
 * @property {boolean} heard whether something was loud enough to be speech just now
 * @property {boolean} quiet whether nothing has been for a while
 * @property {boolean} dark
 */

/**
 * Watch a stream until the returned function is called.
 * @param {MediaStream} stream
 * @param {HTMLVideoElement|null} video shows the stream's picture; null: only listen
 * @param {(sensed: Sensed) => void} tell called ten times a second
 * @returns {() => void}
 */
export function sense(stream, video, tell) {
  const ear = listen(stream);
  const eye = video && look(video);
  let heardAt = 0;
  let lookedAt = 0;
  let dim = 0;
  const begun = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const rms = ear.level();
    if (rms > SPEECH_LEVEL) heardAt = now;
    if (eye && now - lookedAt > LOOK_MS) {
      const luma = eye();
      dim = luma !== null && luma < DARK_LUMA ? dim + 1 : 0;
      lookedAt = now;
    }
    tell({
      level: meterLevel(rms),
      heard: heardAt > 0 && now - heardAt < HEARD_MS,
      quiet: now - Math.max(heardAt, begun) > QUIET_AFTER_MS,
      dark: dim > 1, // cameras need a moment to adjust
    });
  }, LISTEN_MS);
  return () => {
    clearInterval(timer);
    ear.close();
  };
}

/**
 * -60 dB to 0 dB as 0 to 1, since loudness is heard in decibels.
 * @param {number} rms
 */
function meterLevel(rms) {
  if (rms <= 0) return 0;
  return Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 60));
}

/** @param {MediaStream} stream */
function listen(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level() {
      if (context.state !== "running") context.resume().catch(() => {});
      analyser.getFloatTimeDomainData(samples);
      return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    },
    close() {
      context.close().catch(() => {});
    },
  };
}

/**
 * A function that tells the mean brightness of what a video shows, 0 to 255 (ITU-R BT.709 weights).
 * @param {HTMLVideoElement} video
 * @returns {() => number|null} null while there is no picture
 */
function look(video) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 18];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return () => {
    if (!context || video.readyState < video.HAVE_CURRENT_DATA) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) {
      sum += 0.2126 * data[at] + 0.7152 * data[at + 1] + 0.0722 * data[at + 2];
    }
    return sum / (data.length / 4);
  };
}
