// How loud the sound is and how bright the picture is: two numbers, and nothing about who is in it.

const SPEECH_LEVEL = 0.012; // root mean square; a quiet room with a laptop's microphone has less
const HEARD_MS = 2500;
const QUIET_AFTER_MS = 6000;
const DARK_LUMA = 45; // of 255
const BRIGHTNESS_MS = 1000;
const VOLUME_MS = 100;
const NO_SOUND = 1e-4; // -80 dB: every microphone that is on has more noise than that
const MUTED_AFTER_MS = 2500; // what takes noise away may leave nothing of a short silence
const WORD_MS = 400; // words follow each other within that

/**
 * @typedef {object} Levels
 * @property {number} level 0 to 1, for a meter
 * @property {boolean} heard whether something was loud enough to be speech just now
 * @property {boolean} quiet whether nothing has been for a while
 * @property {boolean} muted whether there is no sound at all: it is switched off somewhere
 * @property {boolean} speaking whether somebody is in the middle of a sentence, as far as loudness tells
 * @property {boolean} dark
 */

/**
 * Watch a stream until the returned function is called.
 * @param {MediaStream} stream
 * @param {HTMLVideoElement|null} video shows the stream's picture; null: only listen
 * @param {(levels: Levels) => void} onLevels called ten times a second
 * @returns {() => void}
 */
export function watchLevels(stream, video, onLevels) {
  const volume = volumeOf(stream);
  const brightness = video && brightnessOf(video);
  const [microphone] = stream.getAudioTracks();
  let heardAt = 0;
  let readAt = 0;
  let darkReadings = 0;
  const begun = performance.now();
  let soundAt = begun;
  const timer = setInterval(() => {
    const now = performance.now();
    const rms = volume.rootMeanSquare();
    if (rms > SPEECH_LEVEL) heardAt = now;
    const isOff = !microphone || microphone.muted || !microphone.enabled;
    if (rms > NO_SOUND && !isOff) soundAt = now;
    if (brightness && now - readAt > BRIGHTNESS_MS) {
      const luma = brightness();
      darkReadings = luma !== null && luma < DARK_LUMA ? darkReadings + 1 : 0;
      readAt = now;
    }
    onLevels({
      level: meterLevel(rms),
      heard: heardAt > 0 && now - heardAt < HEARD_MS,
      muted: isOff || (volume.isRunning && now - soundAt > MUTED_AFTER_MS),
      speaking: heardAt > 0 && now - heardAt < WORD_MS,
      quiet: now - Math.max(heardAt, begun) > QUIET_AFTER_MS,
      dark: darkReadings > 1, // cameras need a moment to adjust
    });
  }, VOLUME_MS);
  return () => {
    clearInterval(timer);
    volume.close();
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
function volumeOf(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    /** Whether it listens at all: browsers let it begin with a press. */
    get isRunning() {
      return context.state === "running";
    },
    rootMeanSquare() {
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
function brightnessOf(video) {
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
