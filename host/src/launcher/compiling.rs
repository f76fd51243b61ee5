//! The way to code: every component is asked for here, compiled once, and held to its limits.

use super::{LaunchError, Launcher, Reason};
use crate::{
    digest::Digest,
    enforcement::{Point, stands},
    engine::{CodeCacheError, CodeKind, CompileLimit, CompileLimits, Compiled},
    manifest::limits::{Exceeded, Limit, Limits, Whose},
};

impl Launcher {
    /// Compiles a component if its code is not in the cache; `compiling` is called before that.
    ///
    /// # Errors
    /// When the policy refuses it, it does not compile, or the run was cancelled.
    pub fn compile(
        &self,
        component: &Digest,
        kind: CodeKind,
        limits: &Limits,
        compiling: &dyn Fn(),
    ) -> Result<(), LaunchError> {
        self.door.within(limits)?;
        self.compiled(component, kind, limits, compiling).map(drop)
    }

    /// The code of a scorer that works in a server, behind fewer walls than in a child and under these limits.
    ///
    /// # Errors
    /// As [`Launcher::compile`], and when the policy refuses the walls or the limits.
    pub fn served(&self, scorer: &Digest, limits: &Limits) -> Result<Compiled, LaunchError> {
        self.door.serves(limits)?;
        self.compiled(scorer, CodeKind::Serving, limits, &|| {})
    }

    /// The compiled code of a component, compiled now if need be; `compiling` is called before that. The only way to any code, so the
    /// policy is asked here of every component.
    pub(super) fn compiled(
        &self,
        component: &Digest,
        kind: CodeKind,
        limits: &Limits,
        compiling: &dyn Fn(),
    ) -> Result<Compiled, LaunchError> {
        self.door.admits(component, &self.store)?;
        let exceeded = |limit| Exceeded::new(limits.bound(limit), Whose::Stage);
        // Also of one that is in the cache: what a limit forbids does not depend on what others did before.
        let bytes = self.store.blob_size(component)?;
        if bytes > limits.get(Limit::Component) && stands(Point::LimitComponent) {
            return Err(Reason::Limit(exceeded(Limit::Component).wanted(bytes)).into());
        }
        let compiler = CompileLimits {
            wall: limits.time(Limit::Compile),
            memory: limits.get(Limit::CompileMemory),
            component: limits.get(Limit::Component),
        };
        let open = || {
            compiling();
            self.store
                .open_blob(component)
                .map_err(std::io::Error::other)
        };
        let stop = || self.cancel.is_cancelled();
        self.code
            .compiled(component, kind, &compiler, open, &stop)
            .map_err(|error| {
                match error {
                    CodeCacheError::Stopped => Reason::Cancelled,
                    CodeCacheError::Limit(CompileLimit::Wall) => {
                        Reason::Limit(exceeded(Limit::Compile))
                    }
                    CodeCacheError::Limit(CompileLimit::Memory) => {
                        Reason::Limit(exceeded(Limit::CompileMemory))
                    }
                    other => other.into(),
                }
                .into()
            })
    }
}
