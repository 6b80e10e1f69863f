//! webapp/platform-web
