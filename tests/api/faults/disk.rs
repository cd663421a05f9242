//! A disk that fails: a VFS of SQLite (sqlite.org/vfs.html) over the usual one. By a plan, operations fail, or the power
//! goes off: then only what was synced is sure to be there, and of the rest any part, whole or torn.
//!
//! A database is opened with it by `sqlite:file:/path?vfs=faulty`. Each has its own plan, found by its folder.

use libsqlite3_sys::{self as ffi, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Once};

use crate::support::random::Random;

/// What happens to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A write, a sync or a truncation fails: `EIO`.
    Error,
    /// A write or a truncation fails: the disk is full.
    Full,
    /// A write fails after a part of it was written.
    Short,
    /// A sync fails.
    Sync,
    /// A sync of the main file fails, not one of the write-ahead log.
    MainSync,
    /// A read fails.
    Read,
}

/// Which operations fail, and what is on the disk.
#[derive(Debug, Default)]
pub struct Plan {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// How many operations there were.
    count: u64,
    /// The first and the last operation that fail, and how.
    faults: Vec<(u64, u64, Fault)>,
    /// How many operations failed.
    failures: u64,
    /// The operation before which the power goes off.
    power_off: Option<u64>,
    is_off: bool,
    files: HashMap<PathBuf, Durable>,
}

/// A file, as it would be after a power failure.
#[derive(Clone, Debug, Default)]
struct Durable {
    synced: Vec<u8>,
    /// What was written since.
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Truncate(usize),
}

/// What a disk writes at once.
const SECTOR: usize = 512;

impl Durable {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Write(at, bytes) => {
                let end = at + bytes.len();
                if self.synced.len() < end {
                    self.synced.resize(end, 0);
                }
                self.synced[at..end].copy_from_slice(&bytes);
            }
            Change::Truncate(size) => self.synced.truncate(size),
        }
    }

    fn sync(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            self.apply(change);
        }
    }

    /// The file after a power failure.
    fn after_power_failure(mut self, random: &mut Random) -> Vec<u8> {
        for change in std::mem::take(&mut self.pending) {
            match (random.below(3), change) {
                (0, _) => {}
                (1, Change::Write(at, mut bytes)) => {
                    let sectors = bytes.len() / SECTOR;
                    bytes.truncate(random.below(sectors as u64 + 1) as usize * SECTOR);
                    self.apply(Change::Write(at, bytes));
                }
                (_, change) => self.apply(change),
            }
        }
        self.synced
    }
}

impl Plan {
    /// The plan of the database in a folder.
    pub fn of(folder: &Path) -> Arc<Self> {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(register);
        let plan = Arc::new(Self::default());
        PLANS
            .lock()
            .unwrap()
            .insert(folder.to_owned(), plan.clone());
        plan
    }

    /// Forgets the plan of a folder.
    pub fn forget(folder: &Path) {
        PLANS.lock().unwrap().remove(folder);
    }

    /// Lets the operations fail that come after `wait` more, `count` of them.
    pub fn fail(&self, fault: Fault, wait: u64, count: u64) {
        let mut state = self.state.lock().unwrap();
        let first = state.count + wait;
        state.faults.push((first, first + count, fault));
    }

    /// Switches the power off after `wait` more operations.
    pub fn switch_off(&self, wait: u64) {
        let mut state = self.state.lock().unwrap();
        state.power_off = Some(state.count + wait);
    }

    /// Whether the power is off.
    pub fn is_off(&self) -> bool {
        self.state.lock().unwrap().is_off
    }

    /// Lets nothing fail any more, unless the power is off.
    pub fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        (state.faults, state.power_off) = (Vec::new(), None);
    }

    /// How many operations have failed by plan.
    pub fn failures(&self) -> u64 {
        self.state.lock().unwrap().failures
    }

    /// Lets a power failure lose all that is not synced yet.
    pub fn lose_the_rest(&self) {
        let mut state = self.state.lock().unwrap();
        state
            .files
            .values_mut()
            .for_each(|file| file.pending.clear());
    }

    /// Switches the power off now, and writes what is left of the files to another folder.
    pub fn leave_to(&self, folder: &Path, random: &mut Random) {
        let mut state = self.state.lock().unwrap();
        state.is_off = true;
        let mut files: Vec<_> = state.files.drain().collect();
        files.sort_by(|one, other| one.0.cmp(&other.0));
        for (path, file) in files {
            let left = file.after_power_failure(random);
            std::fs::write(folder.join(path.file_name().unwrap()), left).unwrap();
        }
    }

    /// What happens to the next operation on a file, which may be a change of it.
    fn step(&self, operation: Operation, path: &Path, change: Option<Change>) -> Outcome {
        let mut state = self.state.lock().unwrap();
        if operation != Operation::Read {
            state.count += 1;
        }
        let count = state.count;
        state.is_off |= state.power_off.is_some_and(|at| at < count);
        if state.is_off {
            return Outcome::Fails(ffi::SQLITE_IOERR);
        }
        let faults = state.faults.iter();
        let planned = faults.filter(|(first, last, _)| (*first..*last).contains(&count));
        let mut outcomes = planned.filter_map(|(_, _, fault)| operation.fails_by(*fault, path));
        let outcome = outcomes.next();
        state.failures += u64::from(outcome.is_some());
        let file = state.files.get_mut(path);
        if let Some(outcome) = outcome {
            // after a failed sync, a later one says nothing about what was written before it
            if let (Operation::Sync, Some(file)) = (operation, file) {
                file.pending.clear();
            }
            return outcome;
        }
        match (operation, file) {
            (Operation::Sync, Some(file)) => file.sync(),
            (_, Some(file)) => file.pending.extend(change),
            (_, None) => {}
        }
        Outcome::Done
    }

    fn open(&self, path: &Path) {
        let mut state = self.state.lock().unwrap();
        if !state.files.contains_key(path) {
            let synced = std::fs::read(path).unwrap_or_default();
            let file = Durable {
                synced,
                pending: Vec::new(),
            };
            state.files.insert(path.to_owned(), file);
        }
    }

    fn delete(&self, path: &Path) {
        self.state.lock().unwrap().files.remove(path);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Read,
    Write,
    Truncate,
    Sync,
}

enum Outcome {
    Done,
    Fails(c_int),
    /// Half of it is written first.
    IsShort,
}

impl Operation {
    fn fails_by(self, fault: Fault, path: &Path) -> Option<Outcome> {
        use Operation::{Read, Sync, Truncate, Write};
        Some(Outcome::Fails(match (fault, self) {
            (Fault::Error, Write) => ffi::SQLITE_IOERR_WRITE,
            (Fault::Error | Fault::Sync, Sync) => ffi::SQLITE_IOERR_FSYNC,
            (Fault::MainSync, Sync) if path.extension() == Some("db".as_ref()) => {
                ffi::SQLITE_IOERR_FSYNC
            }
            (Fault::Error, Truncate) => ffi::SQLITE_IOERR_TRUNCATE,
            (Fault::Full, Write | Truncate) => ffi::SQLITE_FULL,
            (Fault::Short, Write) => return Some(Outcome::IsShort),
            (Fault::Read, Read) => ffi::SQLITE_IOERR_READ,
            _ => return None,
        }))
    }
}

static PLANS: LazyLock<Mutex<HashMap<PathBuf, Arc<Plan>>>> = LazyLock::new(Mutex::default);

/// An open file: ours, followed in memory by that of the usual VFS.
#[repr(C)]
struct FaultyFile {
    base: sqlite3_file,
    state: *mut Opened,
}

struct Opened {
    plan: Arc<Plan>,
    path: PathBuf,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Registers the VFS. It is kept for as long as the process runs.
fn register() {
    unsafe {
        let usual = ffi::sqlite3_vfs_find(std::ptr::null());
        let mut faulty: sqlite3_vfs = *usual;
        faulty.szOsFile += size_of::<FaultyFile>() as c_int;
        faulty.pNext = std::ptr::null_mut();
        faulty.zName = c"faulty".as_ptr();
        faulty.xOpen = Some(open);
        faulty.xDelete = Some(delete);
        ffi::sqlite3_vfs_register(Box::leak(Box::new(faulty)), 0);
    }
}

unsafe fn usual() -> *mut sqlite3_vfs {
    unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) }
}

unsafe fn inner(file: *mut sqlite3_file) -> *mut sqlite3_file {
    unsafe { file.cast::<u8>().add(size_of::<FaultyFile>()).cast() }
}

unsafe fn opened<'a>(file: *mut sqlite3_file) -> Option<&'a Opened> {
    unsafe { (*file.cast::<FaultyFile>()).state.as_ref() }
}

/// Calls a method of the usual VFS on its part of the file.
macro_rules! usually {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let inner = unsafe { inner($file) };
        let method = unsafe { (*(*inner).pMethods).$method };
        unsafe { method.unwrap()(inner $(, $argument)*) }
    }};
}

unsafe extern "C" fn open(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let (vfs, faulty) = unsafe { (usual(), file.cast::<FaultyFile>()) };
    let path = match name.is_null() {
        true => None,
        false => Some(PathBuf::from(
            unsafe { CStr::from_ptr(name) }.to_str().unwrap(),
        )),
    };
    let folder = path.as_ref().and_then(|path| path.parent());
    let plan = folder.and_then(|folder| PLANS.lock().unwrap().get(folder).cloned());
    let state = plan.zip(path).map(|(plan, path)| {
        plan.open(&path);
        Box::into_raw(Box::new(Opened { plan, path }))
    });
    unsafe {
        let result = (*vfs).xOpen.unwrap()(vfs, name, inner(file), flags, out);
        (*faulty).base.pMethods = match result {
            ffi::SQLITE_OK => &raw const METHODS,
            _ => std::ptr::null(),
        };
        (*faulty).state = state.unwrap_or(std::ptr::null_mut());
        result
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    let path = Path::new(unsafe { CStr::from_ptr(name) }.to_str().unwrap());
    if let Some(plan) = PLANS.lock().unwrap().get(path.parent().unwrap()) {
        plan.delete(path);
    }
    unsafe { (*usual()).xDelete.unwrap()(usual(), name, sync) }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let state = unsafe { (*file.cast::<FaultyFile>()).state };
    if !state.is_null() {
        drop(unsafe { Box::from_raw(state) });
    }
    usually!(file, xClose)
}

/// What the plan says of an operation.
fn step(file: *mut sqlite3_file, operation: Operation, change: Option<Change>) -> Outcome {
    let opened = unsafe { opened(file) };
    opened.map_or(Outcome::Done, |opened| {
        opened.plan.step(operation, &opened.path, change)
    })
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    match step(file, Operation::Read, None) {
        Outcome::Fails(code) => code,
        _ => usually!(file, xRead, to, count, at),
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), count as usize) };
    let change = Change::Write(at as usize, bytes.to_vec());
    match step(file, Operation::Write, Some(change)) {
        Outcome::Fails(code) => code,
        Outcome::IsShort => {
            usually!(file, xWrite, from, count / 2, at);
            ffi::SQLITE_IOERR_WRITE
        }
        Outcome::Done => usually!(file, xWrite, from, count, at),
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    match step(
        file,
        Operation::Truncate,
        Some(Change::Truncate(size as usize)),
    ) {
        Outcome::Fails(code) => code,
        _ => usually!(file, xTruncate, size),
    }
}

/// Nothing is really synced: the power of this machine stays on.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    match step(file, Operation::Sync, None) {
        Outcome::Fails(code) => code,
        _ => ffi::SQLITE_OK,
    }
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    usually!(file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    usually!(file, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    usually!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, result: *mut c_int) -> c_int {
    usually!(file, xCheckReservedLock, result)
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    usually!(file, xFileControl, operation, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    usually!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    usually!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    to: *mut *mut c_void,
) -> c_int {
    usually!(file, xShmMap, page, size, extend, to)
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    usually!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    usually!(file, xShmBarrier)
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    usually!(file, xShmUnmap, delete)
}
