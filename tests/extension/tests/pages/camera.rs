//! The codes of a recovery sheet as a camera reads them: by a reader that shares nothing with the
//! writer, from the pixels that the browser draws.

use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use extension_tests::extension::Extended;
use letterlock_tests::page::id;
use rqrr::PreparedImage;
use serde_json::json;

/// Draws a code three times as large as it is shown, as a printer would at least, and gives its
/// pixels in grey, line by line.
const DRAW: &str = r"
const [number] = arguments;
const image = document.querySelectorAll('[data-testid=recovery-qr]')[number];
const side = 3 * image.width;
const canvas = document.createElement('canvas');
canvas.width = side;
canvas.height = side;
const pen = canvas.getContext('2d');
pen.fillStyle = 'white';
pen.fillRect(0, 0, side, side);
pen.drawImage(image, 0, 0, side, side);
const { data } = pen.getImageData(0, 0, side, side);
let grey = '';
for (let at = 0; at < data.length; at += 4) grey += String.fromCharCode(data[at]);
return btoa(grey);
";

/// The texts of all codes on the sheet that is shown, in their order, one after the other.
pub(crate) async fn read(browser: &Extended) -> Result<String> {
    let driver = browser.page.driver();
    let mut whole = Vec::new();
    for number in 0..driver.find_all(id("recovery-qr")).await?.len() {
        let drawn = driver.execute(DRAW, vec![json!(number)]).await?;
        let grey = BASE64.decode(drawn.json().as_str().context("no pixels")?.as_bytes())?;
        whole.extend(decode(&grey).with_context(|| format!("code {number} cannot be read"))?);
    }
    // A code may end in the middle of a character.
    Ok(String::from_utf8(whole)?)
}

/// What is in the one code of a square picture.
fn decode(grey: &[u8]) -> Result<Vec<u8>> {
    let side = grey.len().isqrt();
    let at = |x: usize, y: usize| grey.get(y * side + x).copied().unwrap_or(u8::MAX);
    let mut picture = PreparedImage::prepare_from_greyscale(side, side, at);
    let found = picture.detect_grids();
    let [code] = &found[..] else {
        anyhow::bail!("{} codes are in it", found.len());
    };
    let mut text = Vec::new();
    code.decode_to(&mut text)?;
    Ok(text)
}
